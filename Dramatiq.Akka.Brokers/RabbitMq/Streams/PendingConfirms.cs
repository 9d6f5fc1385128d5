namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

/// <summary>What was published on one channel and is not confirmed yet, by sequence number. Not thread-safe: its owner has a lock.</summary>
internal sealed class PendingConfirms(int window)
{
    private readonly Pending[] _ring = new Pending[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)window)];
    private ulong _oldest = 1;
    private ulong _next = 1;

    public int Count => (int)(_next - _oldest);

    public ulong Add(ConfirmedBatch batch, int index, in AmqpPublication publication)
    {
        Slot(_next) = new Pending(batch, index, publication.RoutingKey, publication.Body);
        return _next++;
    }

    /// <summary>RabbitMQ has taken or refused one message, or all up to it.</summary>
    /// <returns>How many places became free.</returns>
    public int Settle(ulong sequence, bool multiple, bool taken)
    {
        if (sequence >= _next)
            return 0;

        for (var one = multiple ? _oldest : Math.Max(sequence, _oldest); one <= sequence; one++)
            SettleOne(ref Slot(one), taken);
        return Advance();
    }

    /// <summary>RabbitMQ has sent a message back: its confirmation comes next, and then it counts as refused.</summary>
    public void Return(string routingKey, ReadOnlySpan<byte> body, int code, string text)
    {
        for (var one = _oldest; one < _next; one++)
        {
            ref var slot = ref Slot(one);
            if (slot.Batch is null || slot.Returned is not null || slot.RoutingKey != routingKey || !slot.Body.Span.SequenceEqual(body))
                continue;

            slot.Returned = new AmqpRefusedException(routingKey, code, text);
            return;
        }
    }

    public void FailAll(Exception error)
    {
        for (var one = _oldest; one < _next; one++)
        {
            ref var slot = ref Slot(one);
            slot.Batch?.Settle(slot.Index, slot.Returned ?? error);
            slot = default;
        }

        _oldest = _next;
    }

    private static void SettleOne(ref Pending slot, bool taken)
    {
        slot.Batch?.Settle(slot.Index, slot.Returned ?? (taken ? null : new AmqpRefusedException(slot.RoutingKey, 0, "the server answered nack, since a queue is full or has failed")));
        slot = default;
    }

    private int Advance()
    {
        var freed = 0;
        for (; _oldest < _next && Slot(_oldest).Batch is null; _oldest++)
            freed++;
        return freed;
    }

    private ref Pending Slot(ulong sequence) => ref _ring[sequence & (ulong)(_ring.Length - 1)];

    private struct Pending(ConfirmedBatch batch, int index, string routingKey, ReadOnlyMemory<byte> body)
    {
        public readonly ConfirmedBatch? Batch = batch;
        public readonly int Index = index;
        public readonly string RoutingKey = routingKey;
        public readonly ReadOnlyMemory<byte> Body = body;
        public Exception? Returned;
    }
}
