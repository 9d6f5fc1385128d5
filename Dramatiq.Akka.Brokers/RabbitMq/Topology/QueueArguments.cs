namespace Dramatiq.Akka.Brokers.RabbitMq.Topology;

/// <summary>A queue as it is declared.</summary>
internal sealed record QueueDeclaration(string Name, IReadOnlyDictionary<string, object?> Arguments)
{
    /// <summary>The arguments as an operator would write them.</summary>
    public string ArgumentsText => "{" + string.Join(", ", Arguments.Select(static argument => $"{argument.Key}: {(argument.Value is string text ? $"\"{text}\"" : argument.Value)}")) + "}";
}

/// <summary>The queues that belong to one, with exactly the arguments that Python's Dramatiq declares: RabbitMQ refuses any difference.</summary>
internal static class QueueArguments
{
    public static IEnumerable<QueueDeclaration> Of(string queue, RabbitMqSettings settings)
    {
        var dead = QueueName.Dead(queue);
        yield return new QueueDeclaration(queue, Live(dead, settings));
        yield return new QueueDeclaration(QueueName.Delay(queue), Live(dead, settings));
        yield return new QueueDeclaration(dead, Typed(new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-message-ttl"] = Number(settings.DeadMessageTtl) }, settings));
    }

    /// <summary>A 32-bit number where it fits, as Python's client writes it: RabbitMQ compares the values, but tells the types in its errors.</summary>
    public static object Number(TimeSpan time) => time.TotalMilliseconds <= int.MaxValue ? (object)(int)time.TotalMilliseconds : (long)time.TotalMilliseconds;

    private static Dictionary<string, object?> Live(string dead, RabbitMqSettings settings)
    {
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["x-dead-letter-exchange"] = "",
            ["x-dead-letter-routing-key"] = dead,
        };
        if (settings.MaxPriority is { } priority)
            arguments["x-max-priority"] = priority;
        return Typed(arguments, settings);
    }

    private static Dictionary<string, object?> Typed(Dictionary<string, object?> arguments, RabbitMqSettings settings)
    {
        if (settings.IsQuorum)
            arguments["x-queue-type"] = "quorum";
        return arguments;
    }
}
