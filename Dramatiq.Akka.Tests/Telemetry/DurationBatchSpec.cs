using System.Diagnostics.Metrics;
using Dramatiq.Akka.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Telemetry;

[Collection(Alone.Name)]
public sealed class DurationBatchSpec : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ServiceProvider _services = new ServiceCollection().BuildServiceProvider();
    private readonly TaskTelemetry _system;
    private readonly MeterListener _listener = new();
    private readonly List<double> _heard = [];
    private bool _isBroken;

    public DurationBatchSpec()
    {
        _system = new TaskTelemetry(_services, _time);
        _listener.SetMeasurementEventCallback<double>((_, value, _, _) =>
        {
            lock (_heard)
                _heard.Add(value);
            if (_isBroken)
                throw new InvalidOperationException("a listener's own mistake");
        });
        _listener.EnableMeasurementEvents(_system.Durations);
    }

    [Fact]
    public void First_duration_and_one_after_a_pause_must_be_told_at_once()
    {
        var batch = new DurationBatch(_system);
        var actor = _system.Declare("default", "add", runsHere: true);
        Add(batch, actor, TimeSpan.FromMilliseconds(5));
        Assert.Equal([5], _heard);

        Add(batch, actor, TimeSpan.FromMilliseconds(7));
        Assert.Equal([5], _heard);

        Add(batch, actor, TimeSpan.FromMilliseconds(100));
        Assert.Equal([5, 7, 100], _heard);
    }

    [Fact]
    public void Burst_must_be_told_in_its_order_32_at_once_and_the_rest_when_asked()
    {
        var batch = new DurationBatch(_system);
        var actor = _system.Declare("default", "add", runsHere: true);
        for (var i = 0; i < 40; i++)
            Add(batch, actor, TimeSpan.FromMilliseconds(i / 40.0));
        Assert.Equal(33, _heard.Count);

        batch.Tell();
        Assert.Equal(Enumerable.Range(0, 40).Select(static i => i / 40.0), _heard, static (one, other) => Math.Abs(one - other) < 0.001);

        batch.Tell();
        Assert.Equal(40, _heard.Count);
    }

    [Fact]
    public void Listener_that_throws_must_get_none_twice_and_the_rest_as_before()
    {
        var batch = new DurationBatch(_system);
        var actor = _system.Declare("default", "add", runsHere: true);
        Add(batch, actor, TimeSpan.Zero);
        for (var i = 0; i < 3; i++)
            Add(batch, actor, TimeSpan.Zero);
        _isBroken = true;
        Assert.Throws<InvalidOperationException>(batch.Tell);
        _isBroken = false;
        _heard.Clear();

        Add(batch, actor, TimeSpan.FromMilliseconds(1));
        Assert.Empty(_heard);
        batch.Tell();
        Assert.Equal([1], _heard);
    }

    [Fact]
    public async Task Each_duration_must_be_told_once_however_often_the_metrics_are_collected_meanwhile()
    {
        const int count = 200_000;
        var batch = new DurationBatch(_system);
        var actor = _system.Declare("default", "add", runsHere: true);
        var adding = Task.Run(() =>
        {
            for (var i = 0; i < count; i++)
                batch.Add(actor, _time.GetTimestamp() - i);
        });
        while (!adding.IsCompleted)
            batch.Tell();
        await adding;
        batch.Tell();

        Assert.Equal(Enumerable.Range(0, count), _heard.Select(duration => (int)Math.Round(duration * _time.TimestampFrequency / 1_000)).Order());
    }

    public void Dispose()
    {
        _listener.Dispose();
        _system.Dispose();
        _services.Dispose();
    }

    private void Add(DurationBatch batch, ActorTelemetry actor, TimeSpan duration)
    {
        var since = _time.GetTimestamp();
        _time.Advance(duration);
        batch.Add(actor, since);
    }
}
