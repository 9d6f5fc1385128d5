using System.Security.Cryptography;

namespace Dramatiq.Akka.Brokers.RabbitMq.Consuming;

/// <summary>
/// What this process knows of messages that will come back to it: RabbitMQ says only that a message was delivered before. Known by the digest of the body, for so many as fit;
/// one that is forgotten counts as delivered once more.
/// </summary>
internal sealed class DeliveryCounts(int capacity = 65_536)
{
    /// <summary>A count of nothing: whatever its headers say, it was not delivered since.</summary>
    private const int Fresh = 0;

    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, int> _next = [];
    private readonly Queue<UInt128> _order = new();

    /// <summary>The message goes back, and is to have this count when it comes again.</summary>
    public void Expect(ReadOnlyMemory<byte> body, int count)
    {
        var key = KeyOf(body.Span);
        lock (_gate)
        {
            if (!TryAddHeld(key, count))
                _next[key] = count;
        }
    }

    /// <summary>The message was only looked at: its mark of a redelivery says nothing. What is known of it already stands.</summary>
    public void ExpectFresh(UInt128 key)
    {
        lock (_gate)
            TryAddHeld(key, Fresh);
    }

    /// <summary>Whether it was expected; it is then no more.</summary>
    /// <param name="body">The message that has come.</param>
    /// <param name="known">How often it was delivered, by its headers.</param>
    /// <param name="count">The count of this delivery.</param>
    public bool TryTake(ReadOnlyMemory<byte> body, int known, out int count)
    {
        lock (_gate)
        {
            count = 0;
            if (_next.Count == 0 || !_next.Remove(KeyOf(body.Span), out count))
                return false;

            count = count == Fresh ? known + 1 : count;
            return true;
        }
    }

    public static UInt128 KeyOf(ReadOnlySpan<byte> body)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, digest);
        return System.Runtime.InteropServices.MemoryMarshal.Read<UInt128>(digest);
    }

    private bool TryAddHeld(UInt128 key, int count)
    {
        if (!_next.TryAdd(key, count))
            return false;

        _order.Enqueue(key);
        while (_order.Count > capacity)
            _next.Remove(_order.Dequeue());
        return true;
    }
}
