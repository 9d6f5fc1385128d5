using System.Diagnostics;
using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>One message on its way to the broker, as it travels through the enqueue stages. It belongs to one actor at a time: whoever was sent it last.</summary>
public sealed class EnqueueContext
{
    internal EnqueueContext(Message message, long? eta, long deadline, IReply reply)
    {
        Message = message;
        Eta = eta;
        Deadline = deadline;
        Reply = reply;
        Size = message.Args.Length + message.Kwargs.Length + message.Options.Length + 512;
    }

    /// <summary>The message, addressed to its canonical queue.</summary>
    public Message Message { get; private set; }

    /// <summary>When it is due, in milliseconds since the Unix epoch; null for now.</summary>
    public long? Eta { get; }

    /// <summary>Changes the message for whoever comes after.</summary>
    public void Replace(Message message) => Message = message;

    /// <summary>When to give up, as a timestamp of the time provider.</summary>
    internal long Deadline { get; }

    internal IReply Reply { get; }

    /// <summary>Where the result of it may be read; null for nowhere.</summary>
    internal ITaskResults? Results { get; init; }

    /// <summary>What whoever sent it is told.</summary>
    internal Enqueued Confirmation => new(Message.MessageId, Message.QueueName, Message.ActorName) { Results = Results };

    /// <summary>The enqueue stages passed so far.</summary>
    internal int Passed { get; set; }

    /// <summary>Whether the answer has been given: nothing that happens later changes it.</summary>
    internal bool IsAnswered { get; set; }

    /// <summary>What the broker said last, told when the deadline passes.</summary>
    internal Exception? LastError { get; set; }

    /// <summary>What it takes in memory, roughly, in bytes: as it came, since a stage that changes it must not change what is taken off the sum.</summary>
    internal int Size { get; }

    /// <summary>Its place among all that the gateway has taken, so that what is tried again goes back to where it stood.</summary>
    internal long Number { get; init; }

    /// <summary>The span of the enqueueing, ended with the answer; null where nobody listens.</summary>
    internal Activity? Span { get; init; }
}
