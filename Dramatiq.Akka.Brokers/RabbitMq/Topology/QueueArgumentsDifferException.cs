using System.Text.RegularExpressions;

namespace Dramatiq.Akka.Brokers;

/// <summary>A queue exists on RabbitMQ with other arguments than this process declares it with (406). Nothing is changed on the server.</summary>
public sealed partial class QueueArgumentsDifferException : BrokerException
{
    internal QueueArgumentsDifferException(string queue, string declared, string reply, Exception innerException)
        : base(Text(queue, declared, reply), innerException) => Queue = queue;

    /// <summary>The queue.</summary>
    public string Queue { get; }

    private static string Text(string queue, string declared, string reply)
    {
        var found = Difference().Match(reply);
        var theirs = found.Success ? $"on the server {Value(found.Groups["theirs"].Value, found.Groups["arg"].Value)}; here {Value(found.Groups["ours"].Value, found.Groups["arg"].Value)}" : $"the server says: {reply}";
        return $"Queue '{queue}' exists on RabbitMQ with other arguments than this process declares. This process: {declared}. The difference: {theirs}. "
            + "Either set dramatiq.rabbitmq (max-priority, dead-message-ttl, queue-type) to what the queue was declared with, which Python's Dramatiq calls max_priority and dramatiq_dead_message_ttl, "
            + $"or drain the queue, delete it (rabbitmqctl delete_queue {queue}), and start again.";
    }

    private static string Value(string said, string argument) => said.StartsWith("none", StringComparison.Ordinal) ? $"no {argument}" : $"{argument} is {said.Replace("the value ", "", StringComparison.Ordinal)}";

    // PRECONDITION_FAILED - inequivalent arg 'x-max-priority' for queue 'q' in vhost '/': received none but current is the value '10' of type 'signedint'
    [GeneratedRegex("inequivalent arg '(?<arg>[^']+)' for .* received (?<ours>.+?) but current is (?<theirs>.+)$", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Difference();
}
