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

    private static void Run(WorkerTelemetry telemetry, MessageContext context, int times)
    {
        for (var i = 0; i < times; i++)
        {
            telemetry.Begin(context, since: 1);
            telemetry.End(context, Outcome.Succeeded.WithoutResult);
        }
    }
}
