namespace Dramatiq.Akka.Results;

/// <summary>
/// Stores the results of all workers of a process, many in one call. It is told <see cref="StoreOrder"/>s. As long as the store is away it keeps them and tries again; what it could not store
/// for too long goes back to its queue.
/// </summary>
internal static class ResultWriter
{
    public static Props Create(IResultBackend backend, ResultWriterSettings settings, TimeProvider time, Random random) =>
        Props.Create(() => new ResultWriterActor(backend, settings, time, random));

    // What only the writer tells itself.
    internal sealed record Flush : INoSerializationVerificationNeeded
    {
        public static Flush Instance { get; } = new();
    }

    internal sealed record TryAgain : INoSerializationVerificationNeeded
    {
        public static TryAgain Instance { get; } = new();
    }

    internal sealed record BatchEnded(StoreBatch Batch, Exception? Error) : INoSerializationVerificationNeeded;
}

/// <summary>How results are stored.</summary>
/// <param name="Timeout">How long one may wait for a store that is away.</param>
/// <param name="BatchSize">How many go in one call.</param>
/// <param name="MaxBatches">How many calls may be under way.</param>
/// <param name="RetryMin">The shortest wait after a failed call.</param>
/// <param name="RetryMax">The longest.</param>
internal sealed record ResultWriterSettings(TimeSpan Timeout, int BatchSize, int MaxBatches, TimeSpan RetryMin, TimeSpan RetryMax);
