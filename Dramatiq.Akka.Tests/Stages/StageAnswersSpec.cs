using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Tests.Stages;

public sealed class StageAnswersSpec
{
    [Fact]
    public async Task Stage_must_be_able_to_answer_for_the_handler_with_a_result_that_others_read()
    {
        var told = new TaskCompletionSource<int>();
        await using var host = await TestHost.StartAsync(d => d
            .AddMiddleware(new Cache())
            .AddActor("work", void () => throw new InvalidOperationException("must not run"), a => a.OnSuccess("told"))
            .AddActor("told", (JsonText message, int result) => told.SetResult(result)));

        await host.Queue.EnqueueAsync(new ActorCall("work"));
        await host.JoinAsync();

        Assert.Equal(42, await told.Task);
    }

    [Fact]
    public async Task Stage_must_reach_clock_services_and_gateway_and_publish_before_the_outcome_passes()
    {
        var audited = new TaskCompletionSource<string>();
        await using var host = await TestHost.StartAsync(d => d
            .AddMiddleware(new Audit())
            .AddActor("work", () => { })
            .AddActor("audit", (string what) => audited.SetResult(what)));

        await host.Queue.EnqueueAsync(new ActorCall("work"));
        await host.JoinAsync();

        Assert.Equal("work succeeded", await audited.Task);
    }

    [Fact]
    public async Task Nack_must_say_why()
    {
        await using var host = await TestHost.StartAsync(d => d.AddActor("work", void () => throw new InvalidOperationException("boom"), a => a.MaxRetries(0)));
        var signals = new Feed<object>();
        host.System.EventStream.Subscribe(host.System.ActorOf(Props.Create(() => new Recorder(signals))), typeof(Signals.AfterNack));

        await host.Queue.EnqueueAsync(new ActorCall("work"));
        var nack = (Signals.AfterNack)await signals.FirstAsync(static _ => true);

        Assert.Equal("attempt 1 was the last: InvalidOperationException: boom", nack.Reason);
        Assert.IsType<InvalidOperationException>(nack.Error);
        Assert.Equal("work", nack.Message!.ActorName);
    }

    [Fact]
    public void Middleware_that_is_not_registered_must_say_so_when_asked_for_services() =>
        Assert.Equal("Middleware Cache is not registered in a running system.", Assert.Throws<InvalidOperationException>(() => new Cache().Services).Message);

    private sealed class Cache : Middleware
    {
        public override Props ProcessingStage => Props.Create(() => new CacheStage());
    }

    private sealed class CacheStage : Stage
    {
        protected override void Before(MessageContext context)
        {
            if (context.Actor.Name == "work")
                Succeed(context, 42);
            else
                Pass(context);
        }
    }

    private sealed class Audit : Middleware
    {
        public override Props ProcessingStage => Props.Create(() => new AuditStage(Services));
    }

    private sealed class AuditStage(MiddlewareServices services) : PublishingStage(services)
    {
        protected override void After(MessageContext context, Outcome outcome)
        {
            if (context.Actor.Name != "work")
            {
                Pass(context, outcome);
                return;
            }

            var args = new WireWriter();
            args.WriteStartArray();
            args.WriteString($"{context.Actor.Name} {outcome.GetType().Name.ToLowerInvariant()}");
            args.WriteEndArray();
            var message = new Message("default", "audit", args.ToArray(), "{}"u8.ToArray(), MessageOptions.Empty, Message.NewId(), Services.Time.GetUtcNow().ToUnixTimeMilliseconds());
            PublishThenPass(context, outcome, message, null);
        }
    }

    private sealed class Recorder : ReceiveActor
    {
        public Recorder(Feed<object> signals) => ReceiveAny(signals.Add);
    }
}
