using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Consumers;

/// <summary>Settlements of one session that go to the broker in order: one batch is under way, the rest gathers behind it.</summary>
internal sealed class SettlementLane
{
    private List<Settlement> _unsent = [];
    private List<Message?> _messages = [];

    /// <summary>Whether the broker has not answered for the last batch.</summary>
    public bool IsUnderWay { get; set; }

    /// <summary>Whether the broker has been told of everything.</summary>
    public bool IsEmpty => !IsUnderWay && _unsent.Count == 0;

    public void Add(Settlement settlement, Message? message)
    {
        _unsent.Add(settlement);
        _messages.Add(message);
    }

    /// <returns>What is to be told next, which is under way from now on; null when that is nothing, or the batch before it is not answered for.</returns>
    public SettlementBatch? TakeNext(ConsumerSession session)
    {
        if (IsUnderWay || _unsent.Count == 0)
            return null;

        var batch = new SettlementBatch(session, this, _unsent, _messages);
        _unsent = new List<Settlement>(batch.Settlements.Count);
        _messages = new List<Message?>(batch.Settlements.Count);
        IsUnderWay = true;
        return batch;
    }

    public void Clear()
    {
        _unsent.Clear();
        _messages.Clear();
    }
}
