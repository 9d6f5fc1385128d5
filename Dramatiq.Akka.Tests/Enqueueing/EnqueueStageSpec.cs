using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using static Dramatiq.Akka.Tests.Enqueueing.GatewayHost;

namespace Dramatiq.Akka.Tests.Enqueueing;

public sealed class EnqueueStageSpec
{
    private sealed class Changing(Action<EnqueueContext, IActorContext> before) : Middleware
    {
        public override Props EnqueueStage => Props.Create(() => new ChangingStage(before));
    }

    private sealed class ChangingStage(Action<EnqueueContext, IActorContext> before) : EnqueueStage
    {
        protected override void Before(EnqueueContext context)
        {
            before(context, Context);
            base.Before(context);
        }
    }

    private sealed class Unbuildable : Middleware
    {
        public override Props EnqueueStage => Props.Create(() => new UnbuildableStage());
    }

    private sealed class UnbuildableStage : EnqueueStage
    {
        public UnbuildableStage() => throw new InvalidOperationException("cannot be built");
    }

    [Fact]
    public async Task Stage_must_be_able_to_change_a_message()
    {
        await using var host = await StartAsync(d => d.AddMiddleware(new Changing((context, _) =>
            context.Replace(context.Message.With(options: context.Message.Options.With("tenant", "blue"))))));
        await host.Queue.EnqueueAsync(new Greet("x"));
        Assert.True(host.Broker.Calls[0][0].Message.Options.TryGetString("tenant", out var tenant));
        Assert.Equal("blue", tenant);
    }

    [Fact]
    public async Task Stage_that_makes_messages_smaller_must_not_use_up_what_may_wait()
    {
        await using var host = await StartAsync(d =>
        {
            d.Options.GatewayMaxPendingBytes = 4_096;
            d.AddMiddleware(new Changing((context, _) => context.Replace(new Message(context.Message.QueueName, "greet", "[\"small\"]"u8.ToArray(), "{}"u8.ToArray(),
                MessageOptions.Empty, context.Message.MessageId, 0))));
        });
        for (var i = 0; i < 20; i++)
            await host.Queue.EnqueueAsync(new Greet(new string('x', 2_000)));
        Assert.Equal(20, host.Names().Count(static name => name == "small"));
    }

    [Fact]
    public async Task Stage_that_throws_must_fail_its_message_alone()
    {
        await using var host = await StartAsync(d => d.AddMiddleware(new Changing((context, _) =>
        {
            if (context.Message.MessageId == "bad")
                throw new FormatException("no");
        })));
        var failed = await Assert.ThrowsAsync<EnqueueFailedException>(() => host.Queue.EnqueueAsync(new Enqueue(new Greet("x")) { MessageId = "bad" }));
        Assert.Equal("greet bad was not enqueued on greetings: enqueue stage ChangingStage threw FormatException: no.", failed.Message);
        await host.Queue.EnqueueAsync(new Greet("x"));
    }

    [Fact]
    public async Task Stage_that_is_stopped_must_be_replaced()
    {
        await using var host = await StartAsync(d => d.AddMiddleware(new Changing((context, actor) =>
        {
            if (context.Message.MessageId == "bad")
                actor.Stop(actor.Self);
        })));
        await host.Queue.EnqueueAsync(new Enqueue(new Greet("x")) { MessageId = "bad" });
        await host.Log.OneAsync("Enqueue stage Changing was stopped; a new one takes its place when it is needed.");
        await host.Queue.EnqueueAsync(new Greet("x"));
    }

    [Fact]
    public async Task Stage_that_cannot_be_built_must_fail_messages_and_not_the_gateway()
    {
        await using var host = await StartAsync(d => d.AddMiddleware(new Unbuildable()));
        for (var i = 0; i < 3; i++)
            Assert.EndsWith("enqueue stage Unbuildable was stopped with the message in hand.",
                (await Assert.ThrowsAsync<EnqueueFailedException>(() => host.Queue.EnqueueAsync(new Greet("x")))).Message, StringComparison.Ordinal);
    }
}
