using Dramatiq.Akka.Brokers;

namespace Dramatiq.Akka.Consumers;

/// <summary>What has gone through the consumer of a queue since the process started: plain counts, which only the consumer of the moment touches, and whoever takes its place goes on with.</summary>
internal sealed class ConsumerTraffic
{
    private long _taken;
    private long _done;
    private long _failed;
    private long _dead;
    private long _returned;

    public void Taken(int deliveries) => _taken += deliveries;

    public void Settled(SettlementKind kind, bool hasFailed)
    {
        if (hasFailed)
            _failed++;
        switch (kind)
        {
            case SettlementKind.Ack:
                if (!hasFailed)
                    _done++;
                break;
            case SettlementKind.DeadLetter:
                _dead++;
                break;
            default:
                _returned++;
                break;
        }
    }

    public ConsumerCounts Counts() => new(_taken, _done, _failed, _dead, _returned);
}

/// <summary>The counts at one moment.</summary>
/// <param name="Taken">Deliveries received.</param>
/// <param name="Done">Acked without a failure.</param>
/// <param name="Failed">Attempts that failed.</param>
/// <param name="Dead">Dead-lettered.</param>
/// <param name="Returned">Back to the queue.</param>
internal readonly record struct ConsumerCounts(long Taken, long Done, long Failed, long Dead, long Returned);
