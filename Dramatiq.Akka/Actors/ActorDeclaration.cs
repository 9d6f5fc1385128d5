using Dramatiq.Akka.Actors.Binding;

namespace Dramatiq.Akka.Actors;

/// <summary>What the builder gathered of one actor, before options are checked against the middleware.</summary>
internal sealed record ActorDeclaration(
    string Name,
    string Queue,
    int Priority,
    Type? TaskType,
    TaskSignature? Signature,
    HandlerFactory? Handler,
    IReadOnlyDictionary<string, object?> Options)
{
    private const string DefaultQueue = "default";

    /// <summary>A task type, with the handler that runs it, if this process has one.</summary>
    public static ActorDeclaration OfTask(Type task, ActorOptions options, HandlerFactory? handler, Messages.WireJson json)
    {
        var attribute = TaskAttributeOptions.Of(task);
        var values = new Dictionary<string, object?>(attribute.Options, StringComparer.Ordinal);
        foreach (var (name, value) in options.Values)
            values[name] = value;

        var name_ = options.NameValue ?? attribute.Name ?? SnakeCase.From(task.Name);
        return new ActorDeclaration(
            name_,
            Checked(name_, options.QueueValue ?? attribute.Queue ?? DefaultQueue),
            options.PriorityValue ?? attribute.Priority ?? 0,
            task,
            new TaskSignature(task, name_, json),
            handler,
            values);
    }

    /// <summary>An actor that has a name and a delegate, and no type of its own.</summary>
    public static ActorDeclaration OfDelegate(string name, ActorOptions options, HandlerFactory? handler) => new(
        options.NameValue ?? name,
        Checked(options.NameValue ?? name, options.QueueValue ?? DefaultQueue),
        options.PriorityValue ?? 0,
        null,
        null,
        handler,
        options.Values);

    private static string Checked(string actor, string queue)
    {
        if (!Brokers.QueueName.IsValid(queue))
            throw new DeclarationException(
                $"Actor '{actor}': '{queue}' is no queue name. It must start with a letter or an underscore, and go on with letters, digits, dots, dashes or underscores.");

        if (Brokers.QueueName.IsDead(queue) || Brokers.QueueName.IsDelay(queue))
            throw new DeclarationException(
                $"Actor '{actor}': queue '{queue}' ends like the delay or dead-letter queue of another. Drop the suffix.");

        return queue;
    }
}
