using System.Security.Cryptography;

namespace Dramatiq.Akka.Brokers.RabbitMq.Consuming;

/// <summary>
/// What this process knows of messages that will come back to it: RabbitMQ says only that a message was delivered before. Known by the digest of the body, for so many as fit;
/// one that is forgotten counts as delivered once more.
/// </summary>
internal sealed class DeliveryCounts(int capacity = 65_536)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, int> _next = [];
    private readonly Queue<UInt128> _order = new();

    /// <summary>The message goes back, and is to have this count when it comes again.</summary>
    public void Expect(ReadOnlyMemory<byte> body, int count)
    {
        var key = KeyOf(body.Span);
        lock (_gate)
        {
            if (!_next.TryAdd(key, count))
            {
                _next[key] = count;
                return;
            }

            _order.Enqueue(key);
            while (_order.Count > capacity)
                _next.Remove(_order.Dequeue());
        }
    }

    /// <summary>Whether it was expected; it is then no more.</summary>
    public bool TryTake(ReadOnlyMemory<byte> body, out int count)
    {
        lock (_gate)
        {
            count = 0;
            return _next.Count > 0 && _next.Remove(KeyOf(body.Span), out count);
        }
    }

    private static UInt128 KeyOf(ReadOnlySpan<byte> body)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, digest);
        return System.Runtime.InteropServices.MemoryMarshal.Read<UInt128>(digest);
    }
}
