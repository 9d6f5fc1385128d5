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

    /// <summary>Takes out what is meant and nobody holds, and puts it into the queue unless it is dropped.</summary>
    public List<PeekedMessage> Move(string wireName, MoveKind kind, Func<PeekedMessage, bool> isMeant)
    {
        List<PeekedMessage> moved;
        lock (Gate)
        {
            moved = QueueName.IsDead(wireName)
                ? [.. _dead.RemoveAll(grave => isMeant(PeekedOf(grave))).Select(PeekedOf)]
                : [.. LaneOf(wireName).RemoveAllHeld(message => isMeant(PeekedOf(message))).Select(PeekedOf)];
            if (kind is MoveKind.Delete)
                ChangedHeld();
            else
                foreach (var one in moved) AddHeld(kind, Message.Decode(one.Body));
        }

        if (kind is not MoveKind.Delete) Main.Wake();
        return moved;
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

    private void AddHeld(MoveKind kind, Message message)
    {
        var now = kind is MoveKind.Requeue ? MessageIds.Revived(message, _name) : message.With(queueName: _name, options: message.Options.Without(OptionNames.Eta));
        Main.Add(now.Encode(), eta: 0, InMemoryBroker.PriorityOf(now));
    }

    private Lane LaneOf(string wireName) => QueueName.IsDelay(wireName) ? Delay : Main;

    // The sign keeps it apart from a message id that is a number.
    private static string KeyOf(long number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"~{number}");

    private static PeekedMessage PeekedOf(Grave grave) => new(KeyOf(grave.Number), grave.Body, grave.DiedAt);

    private static PeekedMessage PeekedOf(StoredMessage message) => new(KeyOf(message.Place), message.Body);

    private IEnumerable<PeekedMessage> WaitingHeld(string wireName) => QueueName.IsDead(wireName)
        ? _dead.InOrder().Select(PeekedOf)
        : LaneOf(wireName).WaitingHeld(withInFlight: QueueName.IsDelay(wireName)).Select(PeekedOf);
}
