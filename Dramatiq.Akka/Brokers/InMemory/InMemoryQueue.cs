using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Brokers.InMemory;

/// <summary>A queue with all that belongs to it, <c>q</c>, <c>q.DQ</c> and <c>q.XQ</c>, under one lock, so that a look at it sees them at one moment.</summary>
internal sealed class InMemoryQueue
{
    private readonly string _name;
    private readonly Graveyard _dead;
    private TaskCompletionSource? _change;

    public InMemoryQueue(string name, InMemoryBrokerOptions options)
    {
        _name = name;
        _dead = new Graveyard(options.TimeProvider, options.DeadMessageTtl);
        Main = new Lane(this, name);
        Delay = new Lane(this, QueueName.Delay(name));
    }

    public Lock Gate { get; } = new();

    public Lane Main { get; }

    public Lane Delay { get; }

    public QueueStats Stats()
    {
        lock (Gate) return StatsHeld();
    }

    /// <summary>When the message that is next in turn was made.</summary>
    public DateTimeOffset? OldestReady()
    {
        ReadOnlyMemory<byte> body;
        lock (Gate)
        {
            if (Main.FirstHeld() is not { } first)
                return null;
            body = first.Body;
        }

        try
        {
            return DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(Message.Decode(body).MessageTimestamp, 0, 253_402_300_799_999));
        }
        catch (DecodeException)
        {
            return null;
        }
    }

    public QueueStats StatsHeld() =>
        new(_name, Main.ReadyHeld, Delay.ReadyHeld + Delay.InFlightHeld, Main.InFlightHeld, _dead.Count);

    public Grave? FirstDeadHeld() => _dead.First();

    public void BuryHeld(ReadOnlyMemory<byte> body, Exception? cause) => _dead.Add(body, cause);

    /// <summary>Tells those who wait in <see cref="NextChangeHeld"/>, if it can matter to them: as long as the queue itself has work, only a death does.</summary>
    public void ChangedHeld(bool died = false)
    {
        if (_change is null || !(died || Main.IsEmptyHeld)) return;
        _change.SetResult();
        _change = null;
    }

    public Task NextChangeHeld() =>
        (_change ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>The bodies that wait. Those of the delay queue wait in the hands of its consumer as well.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Peek(string wireName, int offset, int count)
    {
        lock (Gate)
        {
            var bodies = QueueName.IsDead(wireName)
                ? Array.ConvertAll(_dead.ToArray(), static grave => grave.Body)
                : WaitingBodiesHeld(QueueName.IsDelay(wireName));
            return bodies.Skip(offset).Take(count).ToArray();
        }
    }

    public int Purge(string wireName)
    {
        lock (Gate)
        {
            var dropped = QueueName.IsDead(wireName) ? _dead.Clear() : (QueueName.IsDelay(wireName) ? Delay : Main).PurgeHeld();
            ChangedHeld();
            return dropped;
        }
    }

    public List<DeadLetter> DeadLetters()
    {
        Grave[] graves;
        lock (Gate) graves = _dead.ToArray();
        return [.. graves.Select(grave => new DeadLetter(_name, grave.Body, TryDecode(grave), grave.Cause))];
    }

    /// <summary>Puts dead letters back into the queue. One that cannot be decoded stays: it would only die again.</summary>
    public int RequeueDead(IReadOnlyCollection<string>? messageIds)
    {
        var wanted = messageIds?.ToHashSet(StringComparer.Ordinal);
        var requeued = 0;
        lock (Gate)
        {
            var kept = new Queue<Grave>();
            foreach (var grave in _dead.ToArray())
            {
                if (TryDecode(grave) is not { } message || wanted?.Contains(message.MessageId) == false)
                {
                    kept.Enqueue(grave);
                    continue;
                }

                var revived = message.With(queueName: _name, options: message.Options.Without(
                    OptionNames.Retries, OptionNames.Traceback, OptionNames.RequeueTimestamp, OptionNames.Eta, OptionNames.DeadLetter));
                Main.Add(revived.Encode(), eta: 0, InMemoryBroker.PriorityOf(revived));
                requeued++;
            }

            _dead.Keep(kept);
        }

        Main.Wake();
        return requeued;
    }

    private static Message? TryDecode(Grave grave)
    {
        try
        {
            return Message.Decode(grave.Body);
        }
        catch (DecodeException)
        {
            return null;
        }
    }

    private ReadOnlyMemory<byte>[] WaitingBodiesHeld(bool delayed)
    {
        var waiting = delayed ? Delay.WaitingHeld(withInFlight: true) : Main.WaitingHeld(withInFlight: false);
        return [.. waiting.Select(static message => message.Body)];
    }
}
