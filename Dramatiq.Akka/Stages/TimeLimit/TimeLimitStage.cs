using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Timing;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Stages;

// Free --Before--> Running --limit--> Cancelled --grace--> Abandoned ; any --After--> Free
internal sealed class TimeLimitStage : Stage
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly TimeLimit _middleware;
    private readonly TimeProvider _time;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ActorTimer _timer;
    private MessageContext? _running;
    private long _started;
    private TimeSpan _due;
    private bool _cancelled;

    // When the timer fires, as a time of the provider; zero when it is not started. It is left alone as long as it fires early enough, so
    // that a stream of short messages does not start a timer each.
    private long _firesAt;

    public TimeLimitStage(TimeLimit middleware, MiddlewareServices services)
    {
        _middleware = middleware;
        _time = services.Time;
        _timer = new ActorTimer(_time, Self, Check.Instance);
    }

    protected override void Before(MessageContext context)
    {
        var limit = _middleware.LimitMs(context);
        if (double.IsFinite(limit))
        {
            _running = context;
            _cancelled = false;
            context.TimeLimit = _due = TimeSpan.FromMilliseconds(Math.Min(limit, TimeSpan.MaxValue.TotalMilliseconds / 2));
            _started = _time.GetTimestamp();
            StartTimer(_started, _due);
        }

        Pass(context);
    }

    protected override void After(MessageContext context, Outcome outcome)
    {
        _running = null;
        Pass(context, outcome);
    }

    protected override void OnMessage(object message)
    {
        if (message is not Check)
        {
            Unhandled(message);
            return;
        }

        _firesAt = 0;
        if (_running is not { } context)
            return;

        var elapsed = _time.GetElapsedTime(_started);
        if (elapsed < _due)
        {
            StartTimer(_time.GetTimestamp(), _due - elapsed);
        }
        else if (!_cancelled)
        {
            _cancelled = true;
            _due = elapsed + _middleware.Grace;
            StartTimer(_time.GetTimestamp(), _middleware.Grace);
            _log.Warning("{0} {1} has run for {2}, which is its time limit; its token is cancelled.", context.Actor.Name, context.Message.MessageId, DurationText.Of(context.TimeLimit));
            context.Cancel(CancellationReason.TimeLimit);
        }
        else
        {
            // The worker does as told only if it is the handler that has the message. As long as a stage has it, this asks again.
            _due = elapsed + Patience;
            StartTimer(_time.GetTimestamp(), Patience);
            Context.Parent.Tell(new Worker.Abandon(context, new TimeLimitExceededException(context.Actor.Name, context.TimeLimit, abandoned: true)));
        }
    }

    protected override void PostStop() => _timer.Dispose();

    private void StartTimer(long now, TimeSpan after)
    {
        var fires = now + (long)(after.TotalSeconds * _time.TimestampFrequency);
        if (_firesAt != 0 && _firesAt <= fires)
            return;

        _firesAt = fires;
        _timer.Start(after);
    }

    private sealed class Check : INoSerializationVerificationNeeded
    {
        public static readonly Check Instance = new();
    }
}
