namespace Dramatiq.Akka.Inspection;

/// <summary>An order: put dead letters back into their queue, as new. Answered with <see cref="MessagesAnswer"/>. Give ids or a filter; two who order the same requeue each message once.</summary>
/// <param name="Queue">The canonical name.</param>
public sealed record RequeueDead(string Queue) : IOrder<MessagesAnswer>
{
    /// <summary>Keys or <c>message_id</c>s.</summary>
    public IReadOnlyList<string>? Ids { get; init; }

    /// <summary>Which, in place of ids; a filter that asks for nothing takes every one.</summary>
    public MessageFilter? Filter { get; init; }
}

/// <summary>An order: drop messages that wait, are delayed, or dead. Answered with <see cref="MessagesAnswer"/>. Give ids or a filter.</summary>
/// <param name="Queue">The canonical name.</param>
/// <param name="Place">Where; what is in hand cannot be dropped.</param>
public sealed record DeleteMessages(string Queue, MessagePlace Place) : IOrder<MessagesAnswer>
{
    /// <summary>Keys or <c>message_id</c>s.</summary>
    public IReadOnlyList<string>? Ids { get; init; }

    /// <summary>Which, in place of ids; a filter that asks for nothing takes every one.</summary>
    public MessageFilter? Filter { get; init; }

    /// <inheritdoc />
    public bool Destroys => true;
}

/// <summary>An order: run delayed messages now. Answered with <see cref="MessagesAnswer"/>. Give ids or a filter.</summary>
/// <param name="Queue">The canonical name.</param>
public sealed record RunNow(string Queue) : IOrder<MessagesAnswer>
{
    /// <summary>Keys or <c>message_id</c>s.</summary>
    public IReadOnlyList<string>? Ids { get; init; }

    /// <summary>Which, in place of ids; a filter that asks for nothing takes every one.</summary>
    public MessageFilter? Filter { get; init; }
}

/// <summary>An order: drop everything that waits in one place of a queue. Answered with <see cref="MessagesAnswer"/>.</summary>
/// <param name="Queue">The canonical name.</param>
/// <param name="Place">Where; what is in hand cannot be dropped.</param>
public sealed record PurgeQueue(string Queue, MessagePlace Place) : IOrder<MessagesAnswer>
{
    /// <inheritdoc />
    public bool Destroys => true;
}

/// <summary>What became of an order that names messages.</summary>
/// <param name="Count">How many were moved or dropped by this order. Fewer than asked for means that others were gone already.</param>
/// <param name="IsComplete">False when the broker did not look through the whole queue: ids that were not found, or more that matches, may be further back.</param>
public sealed record MessagesAnswer(long Count, bool IsComplete);

/// <summary>An order: enqueue a message. Answered with <see cref="MessageEnqueued"/> when the broker has confirmed it.</summary>
/// <param name="ActorName">The actor.</param>
/// <param name="Args">The positional arguments: a JSON array.</param>
public sealed record EnqueueMessage(string ActorName, string Args = "[]") : IOrder<MessageEnqueued>
{
    /// <summary>The canonical queue; null for that of the declared actor.</summary>
    public string? Queue { get; init; }

    /// <summary>The named arguments: a JSON object.</summary>
    public string Kwargs { get; init; } = "{}";

    /// <summary>Options of this message alone: a JSON object.</summary>
    public string Options { get; init; } = "{}";

    /// <summary>How long it waits before it may run; null for not at all.</summary>
    public long? DelayMs { get; init; }
}

/// <summary>A message is safe at the broker.</summary>
/// <param name="MessageId">Its id.</param>
/// <param name="Queue">Its queue.</param>
/// <param name="ActorName">The actor it is for.</param>
public sealed record MessageEnqueued(string MessageId, string Queue, string ActorName);
