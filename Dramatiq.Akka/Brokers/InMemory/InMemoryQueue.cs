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

    public QueueStats StatsHeld() =>
        new(_name, Main.ReadyHeld, Delay.ReadyHeld + Delay.InFlightHeld, Main.InFlightHeld, _dead.Count);

    /// <summary>The body of the next in turn.</summary>
    public ReadOnlyMemory<byte>? First()
    {
        lock (Gate) return Main.FirstHeld()?.Body;
    }

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

    /// <summary>Looks at what waits; what waits in the delay queue does so in the hands of its consumer as well.</summary>
    public PeekedPage Peek(string wireName, long offset, int looks, Func<PeekedMessage, bool> matches, int most)
    {
        lock (Gate)
        {
            var messages = new List<PeekedMessage>();
            var (passed, lookedAt) = (0L, 0L);
            foreach (var message in WaitingHeld(wireName))
            {
                if (passed++ < offset) continue;
                if (lookedAt == looks || messages.Count == most) return new PeekedPage(messages, lookedAt, IsComplete: false);
                lookedAt++;
                if (matches(message)) messages.Add(message);
            }

            return new PeekedPage(messages, lookedAt, IsComplete: true);
        }
    }

    public MessagesMoved Delete(string wireName, MessageIds ids)
    {
        lock (Gate)
        {
            var count = QueueName.IsDead(wireName)
                ? _dead.RemoveAll(grave => ids.Has(KeyOf(grave.Number), grave.Body)).Count
                : LaneOf(wireName).RemoveAllHeld(message => ids.Has(KeyOf(message.Place), message.Body)).Count;
            ChangedHeld();
            return new MessagesMoved(count);
        }
    }

    /// <summary>Puts delayed messages that nobody holds into the queue.</summary>
    public MessagesMoved RunDelayedNow(MessageIds ids)
    {
        List<StoredMessage> due;
        lock (Gate)
        {
            due = Delay.RemoveAllHeld(message => ids.Has(KeyOf(message.Place), message.Body) && MessageIds.IdOf(message.Body) is not null);
            foreach (var stored in due)
            {
                var message = Message.Decode(stored.Body);
                var now = message.With(queueName: _name, options: message.Options.Without(OptionNames.Eta));
                Main.Add(now.Encode(), eta: 0, InMemoryBroker.PriorityOf(now));
            }
        }

        Main.Wake();
        return new MessagesMoved(due.Count);
    }

    public int Purge(string wireName)
    {
        lock (Gate)
        {
            var dropped = QueueName.IsDead(wireName) ? _dead.Clear() : LaneOf(wireName).PurgeHeld();
            ChangedHeld();
            return dropped;
        }
    }

    public List<DeadLetter> DeadLetters()
    {
        Grave[] graves;
        lock (Gate) graves = _dead.ToArray();
        return [.. graves.Select(grave => new DeadLetter(_name, grave.Body, MessageIds.TryDecode(grave.Body), grave.Cause))];
    }

    /// <summary>Puts dead letters back into the queue. One that cannot be decoded stays: it would only die again.</summary>
    public MessagesMoved RequeueDead(MessageIds? ids)
    {
        List<Grave> revived;
        lock (Gate)
        {
            revived = _dead.RemoveAll(grave => ids?.Has(KeyOf(grave.Number), grave.Body) != false && MessageIds.IdOf(grave.Body) is not null);
            foreach (var grave in revived)
            {
                var message = MessageIds.Revived(Message.Decode(grave.Body), _name);
                Main.Add(message.Encode(), eta: 0, InMemoryBroker.PriorityOf(message));
            }
        }

        Main.Wake();
        return new MessagesMoved(revived.Count);
    }

    private Lane LaneOf(string wireName) => QueueName.IsDelay(wireName) ? Delay : Main;

    // The sign keeps it apart from a message id that is a number.
    private static string KeyOf(long number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"~{number}");

    private IEnumerable<PeekedMessage> WaitingHeld(string wireName) => QueueName.IsDead(wireName)
        ? _dead.InOrder().Select(static grave => new PeekedMessage(KeyOf(grave.Number), grave.Body, grave.DiedAt))
        : LaneOf(wireName).WaitingHeld(withInFlight: QueueName.IsDelay(wireName)).Select(static message => new PeekedMessage(KeyOf(message.Place), message.Body));
}
