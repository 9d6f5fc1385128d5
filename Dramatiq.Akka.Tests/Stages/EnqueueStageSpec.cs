using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Stages;

public sealed class EnqueueStageSpec
{
    private readonly Feed<string> _seen = new();

    [Fact]
    public async Task Stage_must_see_every_message_before_and_after_the_broker_has_it_retries_and_their_return_included()
    {
        await using var host = await VirtualHost.StartAsync(d => d
            .AddMiddleware(new Staged("one", _seen))
            .AddActor("work", (MessageContext context) =>
            {
                if (context.Attempt == 1)
                    throw new InvalidOperationException("boom");
            }));
        await host.RunAsync(new ActorCall("work"));
        await _seen.AtLeastAsync(6);

        Assert.Equal(["before one", "after one", "before one delayed", "after one delayed", "before one", "after one"], _seen.All);
    }

    [Fact]
    public async Task Stages_must_come_in_order_and_each_see_what_the_one_before_made_of_the_message()
    {
        await using var host = await VirtualHost.StartAsync(d => d
            .AddMiddleware(new Staged("one", Before: context => context.Replace(context.Message.With(args: "[1]"u8.ToArray()))))
            .AddMiddleware(new Staged("two", Before: context => context.Replace(context.Message.With(options: context.Message.Options.WithRaw("args_seen", context.Message.Args)))))
            .AddActor("work", (MessageContext context, int x) =>
            {
                context.Message.Options.TryGetRaw("args_seen", out var seen);
                _seen.Add($"{x} {System.Text.Encoding.UTF8.GetString(seen.Span)}");
            }));
        await host.RunAsync(new ActorCall("work", 0));

        Assert.Equal(["1 [1]"], _seen.All);
    }

    [Fact]
    public async Task Rejected_message_must_be_told_to_its_sender_and_not_be_enqueued()
    {
        await using var host = await VirtualHost.StartAsync(d => d
            .AddMiddleware(new Staged("gate", Rejects: "the tenant is locked"))
            .AddMiddleware(new Staged("behind", _seen))
            .AddActor("work", () => _seen.Add("run")));
        var error = await Assert.ThrowsAsync<EnqueueFailedException>(() => host.Host.Queue.EnqueueAsync(new Enqueue(new ActorCall("work")) { MessageId = "m1" }));

        Assert.Equal("work m1 was not enqueued on default: the tenant is locked.", error.Message);
        await host.JoinAsync();
        Assert.Empty(_seen.All);
    }

    [Fact]
    public async Task Stage_that_throws_must_reject_its_message_and_take_the_next()
    {
        var faulty = true;
        await using var host = await VirtualHost.StartAsync(d => d
            .AddMiddleware(new Staged("faulty", Before: _ =>
            {
                if (faulty)
                    throw new FormatException("boom");
            }))
            .AddActor("work", () => _seen.Add("run")));
        var error = await Assert.ThrowsAsync<EnqueueFailedException>(() => host.Host.Queue.EnqueueAsync(new Enqueue(new ActorCall("work")) { MessageId = "m1" }));
        faulty = false;
        await host.RunAsync(new ActorCall("work"));

        Assert.Equal("work m1 was not enqueued on default: enqueue stage StagedActor threw FormatException: boom.", error.Message);
        Assert.IsType<FormatException>(error.InnerException);
        Assert.Equal(["run"], _seen.All);
    }

    [Fact]
    public async Task Retry_that_is_rejected_must_send_the_message_back_with_no_attempt_spent()
    {
        var attempts = new Feed<(int Attempt, int Delivery)>();
        await using var host = await VirtualHost.StartAsync(d => d
            .AddMiddleware(new Staged("gate", RejectsDelayed: true))
            .AddActor("work", (MessageContext context) =>
            {
                attempts.Add((context.Attempt, context.DeliveryCount));
                if (attempts.All.Count == 1)
                    throw new InvalidOperationException("boom");
            }));
        await host.RunAsync(new ActorCall("work"));

        Assert.Equal([(1, 1), (1, 2)], attempts.All);
    }

    private sealed class Staged(
        string name, Feed<string>? seen = null, Action<EnqueueContext>? Before = null, string? Rejects = null, bool RejectsDelayed = false) : Middleware
    {
        public override string Name => name;

        public override Props EnqueueStage => Props.Create(() => new StagedActor(this));

        public void See(string when, EnqueueContext context) => seen?.Add($"{when} {name}{(context.Eta is null ? "" : " delayed")}");

        public string? ReasonAgainst(EnqueueContext context)
        {
            Before?.Invoke(context);
            return RejectsDelayed && context.Eta is not null ? "no delays" : Rejects;
        }
    }

    private sealed class StagedActor(Staged script) : EnqueueStage
    {
        protected override void Before(EnqueueContext context)
        {
            script.See("before", context);
            if (script.ReasonAgainst(context) is { } reason)
                Reject(context, reason);
            else
                Pass(context);
        }

        protected override void After(EnqueueContext context) => script.See("after", context);
    }
}
