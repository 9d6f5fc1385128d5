using System.Threading.Channels;
using Akka.Event;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Hosting;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Timing;

namespace Dramatiq.Akka.Management.Live;

/// <summary>Tells listeners what happens. As long as nobody listens it asks nothing and hears nothing.</summary>
internal static class LiveFeed
{
    /// <summary>Tell this listener; answered with <see cref="Listening"/> or <see cref="Full"/>.</summary>
    /// <param name="Topics">Of what.</param>
    /// <param name="Events">Where to: a bounded channel that drops the oldest, so that one who reads slowly costs nothing.</param>
    public sealed record Listen(LiveTopics Topics, ChannelWriter<LiveEvent> Events) : INoSerializationVerificationNeeded;

    /// <summary>The listener has its place.</summary>
    public sealed record Listening : INoSerializationVerificationNeeded
    {
        public static Listening Instance { get; } = new();
    }

    /// <summary>There are as many listeners as there may be.</summary>
    public sealed record Full(int Most) : INoSerializationVerificationNeeded;

    /// <summary>Tell this listener nothing more.</summary>
    public sealed record Leave(ChannelWriter<LiveEvent> Events) : INoSerializationVerificationNeeded;

    public static Props Create(IInspection inspection, ManagementSettings settings, TimeProvider time) => Props.Create(() => new LiveFeedActor(inspection, settings, time));
}

// Quiet --Listen--> sampling, and subscribed to what somebody listens to --last Leave--> Quiet
internal sealed class LiveFeedActor : ReceiveActor
{
    private readonly IInspection _inspection;
    private readonly ManagementSettings _settings;
    private readonly TimeProvider _time;
    private readonly ActorTimer _next;
    private readonly Dictionary<ChannelWriter<LiveEvent>, LiveTopics> _listeners = [];
    private LiveTopics _heard;
    private bool _asking;

    public LiveFeedActor(IInspection inspection, ManagementSettings settings, TimeProvider time)
    {
        _inspection = inspection;
        _settings = settings;
        _time = time;
        _next = new ActorTimer(time, Self, Tick.Instance);
        Receive<LiveFeed.Listen>(OnListen);
        Receive<LiveFeed.Leave>(OnLeave);
        Receive<Tick>(_ => Ask());
        Receive<Answered>(OnAnswered);
        Receive<Signals.ISignal>(OnSignal);
        Receive<LogEvent>(OnLog);
    }

    protected override void PostStop()
    {
        _next.Dispose();
        foreach (var listener in _listeners.Keys)
            listener.TryComplete();
    }

    private void OnListen(LiveFeed.Listen listen)
    {
        if (_listeners.Count >= _settings.MaxListeners)
        {
            Sender.Tell(new LiveFeed.Full(_settings.MaxListeners));
            return;
        }

        _listeners[listen.Events] = listen.Topics;
        Hear();
        Sender.Tell(LiveFeed.Listening.Instance);
        if (listen.Topics.HasFlag(LiveTopics.Overview))
            Ask();
    }

    private void OnLeave(LiveFeed.Leave leave)
    {
        _listeners.Remove(leave.Events);
        Hear();
    }

    /// <summary>Signals of each message and lines of the log cost the process something, so they are subscribed to only while somebody wants them.</summary>
    private void Hear()
    {
        var wanted = LiveTopics.None;
        foreach (var topics in _listeners.Values)
            wanted |= topics;

        Subscribe(typeof(Signals.ISignal), LiveTopics.Messages, wanted);
        Subscribe(typeof(LogEvent), LiveTopics.Log, wanted);
        if (!wanted.HasFlag(LiveTopics.Overview))
            _next.Stop();
        _heard = wanted;
    }

    private void Subscribe(Type channel, LiveTopics topic, LiveTopics wanted)
    {
        if (wanted.HasFlag(topic) == _heard.HasFlag(topic))
            return;
        if (wanted.HasFlag(topic))
            Context.System.EventStream.Subscribe(Self, channel);
        else
            Context.System.EventStream.Unsubscribe(Self, channel);
    }

    private void Ask()
    {
        if (_asking || !_heard.HasFlag(LiveTopics.Overview))
            return;

        _asking = true;
        _inspection.AskAsync(new GetQueues()).PipeTo(
            Self, success: static list => new Answered(list.Queues, null), failure: static error => new Answered([], error is InspectionException told ? told.Message : "The queues could not be asked."));
    }

    private void OnAnswered(Answered answer)
    {
        _asking = false;
        if (!_heard.HasFlag(LiveTopics.Overview))
            return;

        Tell(LiveTopics.Overview, "overview", new OverviewEvent(_time.GetUtcNow(), answer.Queues, answer.Problem));
        _next.Start(_settings.LiveInterval);
    }

    private void OnSignal(Signals.ISignal signal)
    {
        if (MessageEvents.Of(signal, _time.GetUtcNow()) is { } told)
            Tell(LiveTopics.Messages, "message", told);
    }

    private void OnLog(LogEvent line)
    {
        if (LogLines.Of(line) is { } told)
            Tell(LiveTopics.Log, "log", told);
    }

    private void Tell(LiveTopics topic, string name, object data)
    {
        var told = new LiveEvent(name, data);
        foreach (var (listener, topics) in _listeners)
            if (topics.HasFlag(topic))
                listener.TryWrite(told);
    }

    private sealed record Answered(IReadOnlyList<QueueReport> Queues, string? Problem) : INoSerializationVerificationNeeded;

    private sealed class Tick : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static readonly Tick Instance = new();
    }
}
