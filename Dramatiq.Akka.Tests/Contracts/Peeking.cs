using Dramatiq.Akka.Brokers;

namespace Dramatiq.Akka.Tests.Contracts;

/// <summary>What waits, as bodies.</summary>
internal static class Peeking
{
    public static async Task<ReadOnlyMemory<byte>[]> PeekBodiesAsync(this IInspectsQueues broker, string queue, long offset = 0, int count = 100) =>
        [.. (await broker.PeekAsync(queue, new PeekRequest(offset, count), CancellationToken.None)).Messages.Select(static message => message.Body)];
}
