using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Enqueueing;

/// <summary>Messages that are with the broker together, in order.</summary>
internal sealed class PublishBatch(int capacity)
{
    public List<EnqueueContext> Contexts { get; } = new(capacity);

    public List<Publication> Publications { get; } = new(capacity);

    public CancellationTokenSource Cancellation { get; } = new();

    public void Add(EnqueueContext context)
    {
        Contexts.Add(context);
        Publications.Add(new Publication(context.Message, context.Eta));
    }
}
