namespace Dramatiq.Akka.Brokers.InMemory;

/// <summary>How an <see cref="InMemoryBroker"/> behaves.</summary>
public sealed record InMemoryBrokerOptions
{
    /// <summary>The clock that etas and the age of dead letters are measured with.</summary>
    /// <value>Default the system's. A test with virtual time gives its fake clock here and to the worker alike.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>How long a dead letter is kept, unless it is purged or requeued before. The old ones go when their queue is next looked at.</summary>
    /// <value>Default 7 days, as Python's brokers. <see cref="Timeout.InfiniteTimeSpan"/> keeps them for good, zero keeps none.</value>
    public TimeSpan DeadMessageTtl { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Whether <see cref="InMemoryBroker.JoinAsync"/> throws at the first dead letter when it is not told either way.</summary>
    /// <value>Default true.</value>
    public bool FailFastDefault { get; init; } = true;
}
