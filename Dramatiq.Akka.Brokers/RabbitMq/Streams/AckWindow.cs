namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

/// <summary>
/// Which delivery tags of one channel are finished. Tags count from 1 without gaps, so a run of finished ones from the oldest on can be told to
/// RabbitMQ in one <c>multiple</c> ack. Not thread-safe: its owner has a lock.
/// </summary>
internal sealed class AckWindow
{
    private const byte InHand = 0;
    private const byte Finished = 1;
    private const byte Waited = 2;
    private const byte Told = 3;

    private byte[] _states = new byte[64];
    private ulong _oldest = 1;
    private ulong _next = 1;
    private ulong _stragglersFrom = 1;   // before it all are in hand or told: what stays in hand for long makes no look longer

    /// <summary>Delivered, and neither finished nor told.</summary>
    public int InHandCount { get; private set; }

    /// <summary>Finished, and not told yet.</summary>
    public int UntoldCount { get; private set; }

    public bool Holds(ulong tag) => tag >= _oldest && tag < _next && State(tag) == InHand;

    public void Deliver(ulong tag)
    {
        if (tag != _next)
            throw new InvalidOperationException($"Delivery tag {tag} came where {_next} was due: the channel has another consumer.");
        if (_next - _oldest == (ulong)_states.Length)
            Grow();
        State(_next++) = InHand;
        InHandCount++;
    }

    /// <summary>Marks a delivery as done, to be acked with its neighbours.</summary>
    /// <returns>False when it is settled already.</returns>
    public bool Finish(ulong tag) => Leave(tag, Finished);

    /// <summary>Takes a delivery out, to be settled by a frame of its own.</summary>
    /// <returns>False when it is settled already.</returns>
    public bool Take(ulong tag) => Leave(tag, Told);

    /// <summary>The length of the finished run from the oldest tag on.</summary>
    public int RunLength()
    {
        var tag = _oldest;
        while (tag < _next && State(tag) != InHand)
            tag++;
        return (int)(tag - _oldest);
    }

    /// <summary>The tag to ack with <c>multiple</c>, after which the finished run counts as told; 0 when there is nothing to tell.</summary>
    public ulong TakeRun()
    {
        var last = 0UL;
        while (_oldest < _next && State(_oldest) != InHand)
        {
            if (State(_oldest) != Told)
            {
                // RabbitMQ refuses a multiple ack whose own tag it does not hold any more: it must be one that is acked here.
                last = _oldest;
                UntoldCount--;
            }

            _oldest++;
        }

        return last;
    }

    /// <summary>Finished tags behind one that is still in hand, which were there at the last call already: to be acked one by one.</summary>
    /// <param name="tags">They are added here.</param>
    /// <param name="evenNewOnes">Takes those that were not there at the last call too.</param>
    public void TakeStragglers(List<ulong> tags, bool evenNewOnes)
    {
        var left = UntoldCount;
        var first = _next;
        var taken = 0;
        for (var tag = Math.Max(_oldest, _stragglersFrom); left > 0 && tag < _next; tag++)
        {
            ref var state = ref State(tag);
            if (state is not (Finished or Waited))
                continue;

            left--;
            if (state == Waited || evenNewOnes)
            {
                state = Told;
                tags.Add(tag);
                taken++;
            }
            else
            {
                state = Waited;
                first = Math.Min(first, tag);
            }
        }

        _stragglersFrom = first;
        UntoldCount -= taken;
    }

    private bool Leave(ulong tag, byte state)
    {
        if (!Holds(tag))
            return false;

        State(tag) = state;
        InHandCount--;
        if (state == Finished)
        {
            UntoldCount++;
            _stragglersFrom = Math.Min(_stragglersFrom, tag);
        }

        return true;
    }

    private ref byte State(ulong tag) => ref _states[tag & (ulong)(_states.Length - 1)];

    private void Grow()
    {
        var old = _states;
        _states = new byte[old.Length * 2];
        for (var tag = _oldest; tag < _next; tag++)
            State(tag) = old[tag & (ulong)(old.Length - 1)];
    }
}
