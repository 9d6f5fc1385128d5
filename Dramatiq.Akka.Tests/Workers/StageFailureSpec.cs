using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Tests.Workers;

public sealed class StageFailureSpec
{
    private sealed class Trouble(Action<MessageContext, IActorContext>? before = null, Action<MessageContext, IActorContext>? after = null) : Middleware
    {
        public override Props ProcessingStage => Props.Create(() => new TroubleStage(before, after));
    }

    private sealed class TroubleStage(Action<MessageContext, IActorContext>? before, Action<MessageContext, IActorContext>? after) : Stage
    {
        protected override void Before(MessageContext context)
        {
            if (context.Actor.Name == "target")
                before?.Invoke(context, Context);
            base.Before(context);
        }

        protected override void After(MessageContext context, Outcome outcome)
        {
            if (context.Actor.Name == "target")
                after?.Invoke(context, Context);
            base.After(context, outcome);
        }
    }

    private static Action<MessageContext, IActorContext> Throws => static (_, _) => throw new FormatException("bad stage");

    [Theory]
    [InlineData("Retries", 0)]
    [InlineData(null, 0)]
    public async Task Stage_that_throws_in_Before_must_fail_the_message(string? beforeWhom, int expected)
    {
        var runs = 0;
        await using var host = await SurvivalHost.StartAsync(d => d
            .AddActor("target", () => { runs++; }, a => a.MaxRetries(0))
            .AddMiddleware(new Trouble(before: Throws), before: beforeWhom));
        var sent = await host.EnqueueAsync(new ActorCall("target"));
        await host.AssertSurvivedAsync(deadLetters: 1);

        Assert.Equal(expected, runs);
        Assert.IsType<StageFailedException>(host.Host.Broker.DeadLetters("default")[0].Cause);
        await host.Log.OneAsync($"target {sent.MessageId} on default went to default.XQ: attempt 1 was the last: StageFailedException: A stage of 'target' failed: FormatException: bad stage");
    }

    [Theory]
    [InlineData("AgeLimit")]
    [InlineData(null)]
    public async Task Stage_that_throws_in_After_must_fail_the_message_wherever_it_stands(string? beforeWhom)
    {
        var runs = 0;
        await using var host = await SurvivalHost.StartAsync(d => d
            .AddActor("target", () => { runs++; }, a => a.MaxRetries(2))
            .AddMiddleware(new Trouble(after: Throws), before: beforeWhom));
        await host.EnqueueAsync(new ActorCall("target"));
        await host.AssertSurvivedAsync(deadLetters: 1);

        Assert.Equal(3, runs);
        await host.Log.OneAsync("went to default.XQ: attempt 3 was the last: StageFailedException");
    }

    [Fact]
    public async Task Stage_that_stops_itself_in_Before_must_fail_at_most_its_own_message()
    {
        var runs = 0;
        await using var host = await SurvivalHost.StartAsync(d => d
            .AddActor("target", () => { Interlocked.Increment(ref runs); }, a => a.MaxRetries(1))
            .AddMiddleware(new Trouble(before: (context, actor) =>
            {
                if (context.Attempt == 1)
                    actor.Stop(actor.Self);
            }), before: "Retries"));
        for (var i = 0; i < 10; i++)
            await host.EnqueueAsync(new ActorCall("target"));
        await host.AssertSurvivedAsync();

        Assert.InRange(runs, 10, 20);   // once, or twice where the stage was gone when the outcome came back
    }

    [Fact]
    public async Task Stage_that_stops_itself_in_After_must_lose_nothing()
    {
        var runs = 0;
        await using var host = await SurvivalHost.StartAsync(d => d
            .AddActor("target", () => { Interlocked.Increment(ref runs); }, a => a.MaxRetries(0))
            .AddMiddleware(new Trouble(after: (_, actor) => actor.Stop(actor.Self))), workers: 1);
        for (var i = 0; i < 10; i++)
            await host.EnqueueAsync(new ActorCall("target"));
        await host.AssertSurvivedAsync();

        Assert.Equal(10, runs);
    }
}
