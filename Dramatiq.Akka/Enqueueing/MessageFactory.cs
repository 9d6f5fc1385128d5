using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Enqueueing;

/// <summary>Makes wire messages of orders. Belongs to one actor: it keeps a buffer.</summary>
internal sealed class MessageFactory(Declarations declarations, WireJson json, TimeProvider time)
{
    private static readonly ReadOnlyMemory<byte> NoKwargs = "{}"u8.ToArray();
    private readonly WireWriter _writer = new();

    /// <exception cref="EnqueueFailedException">The order cannot be made a message; the text says why.</exception>
    public (Message Message, long? Eta) Create(Enqueue order)
    {
        if (order.Task is null)
            throw new EnqueueFailedException("Enqueue.Task is null, or a list of tasks holds null. Give it a task of a declared type, or an ActorCall.");
        if (order.Options is null)
            throw new EnqueueFailedException("Enqueue.Options is null. Leave it out, or give it MessageOptions.Empty.");

        var now = time.GetUtcNow();
        var eta = EtaOf(order, now);
        if (order.Task is Message ready)
            return (Addressed(ready, order), eta);

        var (queue, actor, args, kwargs) = order.Task is ActorCall call ? Parts(call) : Parts(order.Task);
        return (new Message(queue, actor, args, kwargs, order.Options, order.MessageId ?? Message.NewId(), now.ToUnixTimeMilliseconds()), eta);
    }

    /// <summary>A message that is there already, with what the order says beside it. To the queue itself: a delay is the order's business.</summary>
    private static Message Addressed(Message message, Enqueue order)
    {
        var options = message.Options;
        foreach (var (name, raw) in order.Options)
            options = options.WithRaw(name, raw);
        return message.With(queueName: QueueName.Canonical(message.QueueName), options: options.Without(OptionNames.Eta), messageId: order.MessageId);
    }

    private static long? EtaOf(Enqueue order, DateTimeOffset now)
    {
        if (order.Delay is { } delay)
        {
            if (order.At is not null)
                throw new EnqueueFailedException("Enqueue was given both Delay and At. Set one of them.");
            if (delay < TimeSpan.Zero)
                throw new EnqueueFailedException($"Enqueue.Delay must be 0 or more, and was {delay}.");
            return delay == TimeSpan.Zero ? null : now.ToUnixTimeMilliseconds() + (long)delay.TotalMilliseconds;
        }

        return order.At is { } at && at > now ? at.ToUnixTimeMilliseconds() : null;
    }

    private (string Queue, string Actor, ReadOnlyMemory<byte> Args, ReadOnlyMemory<byte> Kwargs) Parts(object task)
    {
        if (!declarations.TryGet(task.GetType(), out var actor))
            throw new EnqueueFailedException(
                $"{task.GetType().Name} is no declared task (known: {declarations.KnownNames}). Declare it with AddTask<{task.GetType().Name}>(), or with Handles<{task.GetType().Name}>() on the actor that runs it.");

        _writer.Clear();
        try
        {
            actor.Signature!.WriteArgs(_writer, task);
        }
        catch (Exception cause)
        {
            throw new EnqueueFailedException($"The arguments of '{actor.Name}' cannot be written as JSON: {cause.Message}", cause);
        }

        return (actor.Queue, actor.Name, _writer.ToArray(), NoKwargs);
    }

    private (string Queue, string Actor, ReadOnlyMemory<byte> Args, ReadOnlyMemory<byte> Kwargs) Parts(ActorCall call)
    {
        var queue = call.Queue ?? (declarations.TryGet(call.ActorName, out var actor)
            ? actor.Queue
            : throw new EnqueueFailedException($"Actor '{call.ActorName}' is not declared here (known: {declarations.KnownNames}). Name its queue: new ActorCall(…) {{ Queue = \"…\" }}."));
        if (!QueueName.IsValid(queue))
            throw new EnqueueFailedException($"'{queue}' is no queue name: it must start with a letter or an underscore, and go on with letters, digits, dots, dashes or underscores.");

        try
        {
            return (QueueName.Canonical(queue), call.ActorName, Args(call), Kwargs(call));
        }
        catch (Exception cause)
        {
            throw new EnqueueFailedException($"The arguments of '{call.ActorName}' cannot be written as JSON: {cause.Message}", cause);
        }
    }

    private ReadOnlyMemory<byte> Args(ActorCall call)
    {
        _writer.Clear();
        if (call.JsonArgs is { } given)
        {
            json.Write(_writer, given);
            return _writer.Written[0] == (byte)'['
                ? _writer.ToArray()
                : throw new FormatException("JsonArgs must be a JSON array.");
        }

        _writer.WriteStartArray();
        for (var i = 0; i < call.Args.Length; i++)
            json.Write(_writer, call.Args[i], call.Args[i]?.GetType() ?? typeof(object));
        _writer.WriteEndArray();
        return _writer.ToArray();
    }

    private ReadOnlyMemory<byte> Kwargs(ActorCall call)
    {
        if (call.Kwargs is not { Count: > 0 } kwargs)
            return NoKwargs;

        _writer.Clear();
        _writer.WriteStartObject();
        foreach (var (name, value) in kwargs)
        {
            _writer.WriteName(name);
            json.Write(_writer, value, value?.GetType() ?? typeof(object));
        }

        _writer.WriteEndObject();
        return _writer.ToArray();
    }
}
