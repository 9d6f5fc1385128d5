using System.Diagnostics;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Telemetry;

/// <summary>What one worker tells of the message it has in hand. Its worker alone calls it, but for <see cref="InHand"/> and <see cref="Tell"/>, which are for whoever reads the metrics.</summary>
internal sealed class WorkerTelemetry(MiddlewarePipeline pipeline)
{
    /// <summary>Each stage is measured twice a message, which would show in a drain: ten messages a second of each worker tell as much.</summary>
    private static readonly TimeSpan ClockInterval = TimeSpan.FromMilliseconds(100);

    private readonly TaskTelemetry _system = pipeline.Services.Telemetry;
    private readonly long _clockInterval = (long)(ClockInterval.TotalSeconds * pipeline.Services.Telemetry.Time.TimestampFrequency);
    private volatile ActorTelemetry? _inHand;
    private volatile DurationBatch? _durations;   // made when somebody first listens
    private long _since;
    private long _clocked;
    private Activity? _span;

    /// <summary>The actor of the message in hand.</summary>
    public ActorTelemetry? InHand => _inHand;

    public void Started() => _system.Add(this);

    /// <param name="context">The message.</param>
    /// <param name="since">When the worker was given it: read once for all who ask.</param>
    public void Begin(MessageContext context, long since)
    {
        _inHand = context.Actor.Telemetry;
        _since = _system.Durations.Enabled || _system.StageDurations.Enabled ? since : 0;
        if (_system.StageDurations.Enabled && (_clocked == 0 || _since - _clocked >= _clockInterval))
        {
            _clocked = _since;
            context.Clock = new StageClock(_inHand, pipeline);
        }

        if (Tracing.IsOn)
            context.Span = _span = Tracing.StartProcess(context);
    }

    public void End(MessageContext context, Outcome outcome)
    {
        if (_inHand is not { } actor)
            return;

        _inHand = null;
        if (_span is { } span)
        {
            _span = null;
            Tracing.EndProcess(span, context, outcome);
        }

        if (outcome is Outcome.Returned)
            return;   // it has not come to its end: it will be counted when it does

        actor.Count(ErrorOf(outcome) is not null, outcome is Outcome.Retried);
        if (_since != 0)
            (_durations ??= new DurationBatch(_system)).Add(actor, _since);
    }

    /// <summary>The metrics are about to be collected. Called by whoever does.</summary>
    public void Tell() => _durations?.Tell();

    /// <summary>The worker stops; what it has in hand goes back to the queue.</summary>
    public void Stopped()
    {
        _system.Remove(this);
        _durations?.Tell();
        _inHand = null;
        if (_span is { } span)
            Tracing.End(span, "the worker was stopped", null);
        _span = null;
    }

    internal static Exception? ErrorOf(Outcome outcome) => outcome switch
    {
        Outcome.Failed failed => failed.Error,
        Outcome.Retried retried => retried.Error,
        Outcome.Dead dead => dead.Error,
        _ => null,
    };
}
