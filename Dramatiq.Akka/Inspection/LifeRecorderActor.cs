using Akka.Event;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Timing;

namespace Dramatiq.Akka.Inspection;

// signal --> step, gathered --GatheringOver, or many--> the store, one batch at a time ; Flush --all written, or it cannot be--> Flushed
internal sealed class LifeRecorderActor : ReceiveActor
{
    private const int BatchSize = 500;

    /// <summary>Steps that may wait while the store is slow or away; more are dropped, since history must not fill the memory.</summary>
    private const int MostWaiting = 20_000;

    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    private readonly ILifeStore _store;
    private readonly string _node;
    private readonly TimeProvider _time;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ActorTimer _timer;
    private readonly List<IActorRef> _flushers = [];
    private List<LifeStep> _waiting = [];
    private bool _isWriting;
    private bool _isFailing;
    private long _dropped;

    public LifeRecorderActor(ILifeStore store, string node, TimeProvider time)
    {
        (_store, _node, _time) = (store, node, time);
        _timer = new ActorTimer(time, Self, GatheringOver.Instance);
        Receive<LifeSignals.Enqueued>(one => Add(LifeRecording.Step(
            one.Message, one.Eta is null ? LifeState.Enqueued : LifeState.Delayed, Now, _node, one.Eta is { } eta ? UnixTime.From(eta) : null)));
        Receive<LifeSignals.Started>(one => Add(LifeRecording.Step(one.Message, LifeState.Running, Now, _node, note: one.Worker.Path.Name, attempt: one.Attempt)));
        Receive<LifeSignals.Ended>(one => Add(LifeRecording.Ended(one, Now, _node)));
        Receive<Signals.AfterNack>(one => Add(one.Message is { } message ? LifeRecording.Step(message, LifeState.Dead, Now, _node, note: one.Reason) : null));
        Receive<GatheringOver>(_ => Write());
        Receive<Flush>(_ => OnFlush());
        Receive<Written>(OnWritten);
    }

    protected override void PostStop() => _timer.Dispose();

    private DateTimeOffset Now => _time.GetUtcNow();

    private void Add(LifeStep? step)
    {
        if (step is null)
            return;

        if (_waiting.Count >= MostWaiting)
        {
            _dropped++;
            return;
        }

        _waiting.Add(step);
        if (_waiting.Count == 1 && !_isFailing)
            _timer.Start(Gathering);
        else if (_waiting.Count >= BatchSize && !_isFailing)
            Write();
    }

    private void OnFlush()
    {
        _flushers.Add(Sender);
        Write();
        if (!_isWriting)
            TellFlushed();
    }

    private void TellFlushed()
    {
        foreach (var flusher in _flushers)
            flusher.Tell(Flushed.Instance);
        _flushers.Clear();
    }

    private void Write()
    {
        if (_isWriting || _waiting.Count == 0)
            return;

        _isWriting = true;
        var batch = _waiting;
        _waiting = [];
        WriteAsync(_store, batch).PipeTo(Self, success: () => new Written(null, batch), failure: error => new Written(error, batch));
    }

    private static async Task WriteAsync(ILifeStore store, List<LifeStep> batch) => await store.WriteAsync(batch, CancellationToken.None);

    private void OnWritten(Written written)
    {
        _isWriting = false;
        if (written.Error is { } error)
        {
            if (!_isFailing)
                _log.Warning("The lives of messages cannot be written now; {0} steps wait, and what is beyond {1} is dropped: {2}", written.Batch.Count, MostWaiting, error.Message);
            _isFailing = true;
            written.Batch.AddRange(_waiting);
            _waiting = written.Batch;
            _timer.Start(AfterFailure);
            TellFlushed();
            return;
        }

        if (_isFailing && _dropped > 0)
            _log.Warning("The lives of messages are written again; {0} steps were dropped.", _dropped);
        (_isFailing, _dropped) = (false, 0);
        if (_waiting.Count > 0)
            Write();
        else
            TellFlushed();
    }

    /// <summary>Write all that was recorded so far; answered with <see cref="Flushed"/> when that is done, or the store cannot.</summary>
    public sealed class Flush : INoSerializationVerificationNeeded
    {
        public static readonly Flush Instance = new();
    }

    public sealed class Flushed : INoSerializationVerificationNeeded
    {
        public static readonly Flushed Instance = new();
    }

    private sealed class GatheringOver : INoSerializationVerificationNeeded
    {
        public static readonly GatheringOver Instance = new();
    }

    private sealed record Written(Exception? Error, List<LifeStep> Batch) : INoSerializationVerificationNeeded;
}
