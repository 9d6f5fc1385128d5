using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Telemetry;
using Dramatiq.Akka.Tests.EndToEnd;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Tests.Telemetry;

[Collection(Alone.Name)]
public sealed class WorkerTelemetrySpec
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Message_must_allocate_nothing_for_metrics(bool isHeard)
    {
        await using var host = await TestHost.StartAsync(static d => d.AddActor("noop", static () => { }));
        using var listener = new MeterListener();
        var heard = 0L;
        if (isHeard)
        {
            listener.InstrumentPublished = static (instrument, self) =>
            {
                if (instrument.Meter.Name == DramatiqTelemetry.MeterName && !instrument.Name.Contains("stage", StringComparison.Ordinal))
                    self.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<long>((_, value, _, _) => heard += value);
            listener.SetMeasurementEventCallback<double>((_, _, _, _) => heard++);
            listener.Start();
        }

        Assert.True(host.Tasks.Declarations.TryGet("noop", out var actor));
        var telemetry = new WorkerTelemetry(host.Tasks.Declarations.Pipeline);
        var message = new Message("default", "noop", "[]"u8.ToArray(), "{}"u8.ToArray(), MessageOptions.Empty, Message.NewId(), 0);
        var context = new MessageContext(message, actor, new Delivery(null!, 1, default, 1), actor.SlipFor(MessageOptions.Empty), [], ActorRefs.Nobody, host.Services);
        Run(telemetry, context, 1_000);
        telemetry.Tell();
        heard = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(telemetry, context, 1_000);
        telemetry.Tell();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(isHeard ? 1_000 : 0, heard);   // a duration each; counts are told when asked for
        Assert.Equal(2_000, actor.Telemetry.Messages);
        Assert.Equal((null, null), (context.Span, context.Clock));
    }

    [Fact]
    public async Task What_was_kept_back_must_not_be_told_as_a_part_of_the_trace_of_who_asks()
    {
        await using var host = await OneWorkerAsync();
        using var heard = new DurationEar();
        await RunAsync(host, 3);
        await Eventually.AssertAsync(() => Assert.Single(heard.Spans));   // the first; the others were close behind it

        using var scrape = new Activity("GET /metrics").Start();
        host.Host.Tasks.Declarations.Pipeline.Services.Telemetry.TellDurations();
        Assert.Same(scrape, Activity.Current);
        Assert.Equal([null, null], heard.Spans.Skip(1));
    }

    [Fact]
    public async Task Who_listens_to_durations_alone_must_hear_of_the_last_ones_too()
    {
        await using var host = await OneWorkerAsync();
        using var heard = new DurationEar();
        await RunAsync(host, 3);
        await Eventually.AssertAsync(() =>
        {
            host.Clock.Advance(TimeSpan.FromSeconds(15));
            Assert.Equal(3, heard.Spans.Count);
        });
    }

    private static Task<VirtualHost> OneWorkerAsync() => VirtualHost.StartAsync(static d =>
    {
        d.AddActor("noop", static () => { });
        d.Options.Queues.Workers = 1;
    });

    private static async Task RunAsync(VirtualHost host, int messages)
    {
        for (var i = 0; i < messages; i++)
            await host.Host.Queue.EnqueueAsync(new ActorCall("noop"));
        await host.JoinAsync();
    }

    private static void Run(WorkerTelemetry telemetry, MessageContext context, int times)
    {
        for (var i = 0; i < times; i++)
        {
            telemetry.Begin(context, since: 1);
            telemetry.End(context, Outcome.Succeeded.WithoutResult);
        }
    }

    /// <summary>Listens to the histogram of durations, and to nothing else.</summary>
    private sealed class DurationEar : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentQueue<Activity?> _spans = new();

        public DurationEar()
        {
            _listener.InstrumentPublished = static (instrument, self) =>
            {
                if (instrument.Name == "dramatiq_message_duration_milliseconds")
                    self.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<double>((_, _, _, _) => _spans.Enqueue(Activity.Current));
            _listener.Start();
        }

        /// <summary>The span in which each was told.</summary>
        public IReadOnlyList<Activity?> Spans => [.. _spans];

        public void Dispose() => _listener.Dispose();
    }
}
