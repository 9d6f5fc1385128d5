namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

/// <summary>What to consume, and how.</summary>
/// <param name="Queue">The queue. It must exist: a source declares nothing.</param>
/// <param name="Prefetch">The credit: RabbitMQ keeps at most so many deliveries unsettled. 1 to 65,535; more is taken for 65,535.</param>
public sealed record AmqpSourceSettings(string Queue, int Prefetch)
{
    /// <summary>How long a finished delivery may wait for its neighbours, to be acked with them in one frame. One that waits behind an unfinished one takes up to twice as long.</summary>
    /// <value>Default 3 ms.</value>
    public TimeSpan AckDelay { get; init; } = TimeSpan.FromMilliseconds(3);

    internal ushort Credit => (ushort)Math.Clamp(Prefetch, 1, ushort.MaxValue);

    /// <summary>As soon as a run is so long it goes out: an eighth of the credit keeps deliveries coming without a frame for each.</summary>
    internal int FullRun => Math.Clamp(Credit / 8, 1, 64);
}
