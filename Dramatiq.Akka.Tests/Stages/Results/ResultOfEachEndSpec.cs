using Dramatiq.Akka.Results;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Stages.Results;

/// <summary>Whichever end a message comes to, there is a result of it; and none as long as it has not ended.</summary>
public sealed class ResultOfEachEndSpec
{
    private static string Failure(string type, string message) => $$$"""{"__t":"dramatiq.results.Result","exn":{"type":"{{{type}}}","msg":"{{{message}}}"}}""";

    private static ActorOptions Stored(ActorOptions actor) => actor.StoreResults();

    [Fact]
    public async Task Of_success_the_value_must_be_stored()
    {
        await using var host = await ResultsHost.StartAsync(static d => d.AddActor("work", static () => new { Words = 3, Name = "é" }, a => Stored(a)));
        Assert.Equal("""{"words":3,"name":"\u00e9"}""", await host.RunAsync());
    }

    [Fact]
    public async Task Of_success_without_a_value_null_must_be_stored()
    {
        await using var host = await ResultsHost.StartAsync(static d => d.AddActor("work", static () => { }, a => Stored(a)));
        Assert.Equal("null", await host.RunAsync());
    }

    [Fact]
    public async Task Of_a_failure_that_is_tried_again_nothing_must_be_stored_until_the_last_attempt()
    {
        var runs = 0;
        ResultsHost? host = null;
        var seen = new Feed<int>();
        host = await ResultsHost.StartAsync(d => d.AddActor("work", void () =>
        {
            seen.Add(host!.Store.Count);
            throw new InvalidOperationException($"boom {++runs}");
        }, a => Stored(a).MaxRetries(2)));
        await using var started = host;

        Assert.Equal(Failure("InvalidOperationException", "boom 3"), await host.RunAsync());
        Assert.Equal([0, 0, 0], seen.All);
    }

    [Fact]
    public async Task Of_a_retry_that_succeeds_the_value_must_be_stored()
    {
        var runs = 0;
        await using var host = await ResultsHost.StartAsync(d => d.AddActor("work", () => ++runs < 3 ? throw new InvalidOperationException() : runs, a => Stored(a)));
        Assert.Equal("3", await host.RunAsync());
    }

    [Fact]
    public async Task Of_an_expected_exception_it_must_be_stored()
    {
        await using var host = await ResultsHost.StartAsync(static d => d.AddActor("work", static void () => throw new FormatException("odd"), a => Stored(a).Throws<FormatException>()));
        Assert.Equal(Failure("FormatException", "odd"), await host.RunAsync());
    }

    [Fact]
    public async Task Of_a_skipped_message_null_must_be_stored_as_in_Dramatiq()
    {
        await using var host = await ResultsHost.StartAsync(static d => d.AddActor("work", static () => 1, a => Stored(a)).AddMiddleware(new Skipping()));
        Assert.Equal("null", await host.RunAsync());
    }

    [Fact]
    public async Task Of_an_answer_that_a_stage_gave_it_must_be_stored()
    {
        await using var host = await ResultsHost.StartAsync(static d => d.AddActor("work", static () => 1, a => Stored(a)).AddMiddleware(new Answering()));
        Assert.Equal("42", await host.RunAsync());
    }

    [Fact]
    public async Task Of_an_answer_that_a_stage_gave_without_json_it_must_be_stored()
    {
        await using var host = await ResultsHost.StartAsync(static d => d.AddActor("work", static () => 1, a => Stored(a)).AddMiddleware(new Answering(withJson: false)));
        Assert.Equal("42", await host.RunAsync());
    }

    [Fact]
    public async Task Of_an_expired_message_the_reason_must_be_stored()
    {
        var clock = new FakeTimeProvider();
        await using var host = await ResultsHost.StartAsync(static d => d.AddActor("work", static () => 1, a => Stored(a).MaxAge(TimeSpan.FromMinutes(1))), clock: clock);
        host.Host.Host.Tasks.PauseQueue("default");
        await Eventually.AssertAsync(async () => Assert.Equal(Dramatiq.Akka.Consumers.ConsumerState.Paused, (await host.Host.Host.ConsumerAsync()).State));
        var enqueued = await host.Host.CallAsync("work");
        clock.Advance(TimeSpan.FromMinutes(2));
        host.Host.Host.Tasks.ResumeQueue("default");
        await host.Host.JoinAsync(failFast: false);
        Assert.Equal(Failure("Exception", "message age limit exceeded: 2 min old, 1 min allowed"), await host.StoredAsync(ResultKey.Of(enqueued)));
    }

    [Fact]
    public async Task Of_arguments_that_cannot_be_bound_the_reason_must_be_stored()
    {
        await using var host = await ResultsHost.StartAsync(static d => d.AddActor("work", static (int n) => n, a => Stored(a)));
        Assert.StartsWith(Failure("ArgumentBindingException", "")[..^4], await host.RunAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_an_unknown_actor_the_reason_must_be_stored_where_the_message_asks_for_it()
    {
        await using var host = await ResultsHost.StartAsync(static d => d.AddActor("work", static () => 1));
        var stored = await host.DeliverAsync("nobody", """{"store_results":true}""");
        Assert.StartsWith(Failure("UnknownActorException", "No actor 'nobody' is declared to run here (known: work).")[..^3], stored, StringComparison.Ordinal);
        Assert.Null(await host.DeliverAsync("nobody", "{}"));
    }

    [Fact]
    public async Task Of_an_unknown_actor_the_reason_must_be_stored_where_that_is_the_default()
    {
        await using var host = await ResultsHost.StartAsync(static d => d.AddActor("work", static () => 1), "dramatiq.middleware.results.store-results = on");
        Assert.NotNull(await host.DeliverAsync("nobody", "{}"));
        Assert.Null(await host.DeliverAsync("nobody", """{"store_results":false}"""));
    }

    [Fact]
    public async Task Of_a_message_that_was_handed_out_too_often_the_reason_must_be_stored()
    {
        await using var host = await ResultsHost.StartAsync(static d => d.AddActor("work", static () => 1, a => Stored(a)).AddMiddleware(new GivingBack()), "dramatiq.consumer.max-deliveries = 2");
        Assert.Contains("it was handed to a worker 2 times without coming to an end", await host.RunAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_delayed_message_that_was_refused_when_due_the_reason_must_be_stored()
    {
        await using var host = await ResultsHost.StartAsync(static d => d.AddActor("work", static () => 1, a => Stored(a)).AddMiddleware(new OnlyDelayed()));
        var enqueued = await host.Host.Host.Queue.EnqueueAsync(new ActorCall("work"), TimeSpan.FromMinutes(1));
        await host.Host.JoinAsync(failFast: false);
        Assert.Contains("\"EnqueueFailedException\"", await host.StoredAsync(ResultKey.Of(enqueued)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_an_abandoned_handler_the_time_limit_must_be_stored()
    {
        var released = new TaskCompletionSource();
        await using var host = await ResultsHost.StartAsync(d => d.AddActor("work", () => released.Task, a => Stored(a).TimeLimit(TimeSpan.FromMinutes(1)).MaxRetries(0)));
        var enqueued = await host.Host.CallAsync("work");
        await Eventually.AssertAsync(async () =>
        {
            host.Host.Clock.Advance(TimeSpan.FromMinutes(1));
            Assert.Contains("\"TimeLimitExceededException\"", await host.StoredAsync(ResultKey.Of(enqueued)), StringComparison.Ordinal);
        });
        released.SetResult();
        await host.Host.JoinAsync(failFast: false);
        Assert.Contains("\"TimeLimitExceededException\"", await host.StoredAsync(ResultKey.Of(enqueued)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_value_that_cannot_be_serialized_the_reason_must_be_stored_and_the_message_be_given_up()
    {
        await using var host = await ResultsHost.StartAsync(static d => d.AddActor("work", static () => new Endless(), a => Stored(a)));
        Assert.StartsWith(Failure("UnserializableResultException", "The result of 'work' (Endless) cannot be written as JSON: ")[..^3], await host.RunAsync(), StringComparison.Ordinal);
        Assert.Single(host.Host.Broker.DeadLetters("default"));
    }

    [Fact]
    public async Task Of_a_failure_that_nobody_decides_about_it_must_be_stored()
    {
        await using var host = await ResultsHost.StartAsync(static d => d.AddActor("work", static void () => throw new FormatException("odd"), a => Stored(a)).RemoveMiddleware("Retries"));
        Assert.Equal(Failure("FormatException", "odd"), await host.RunAsync());
    }

    private sealed class Endless
    {
        public Endless Self => this;
    }

    private sealed class Skipping : Middleware
    {
        public override Props ProcessingStage => Props.Create(() => new SkippingStage());
    }

    private sealed class SkippingStage : Stage
    {
        protected override void Before(MessageContext context) => Skip(context, "not today");
    }

    private sealed class Answering(bool withJson = true) : Middleware
    {
        public override Props ProcessingStage => Props.Create(() => new AnsweringStage(withJson));
    }

    private sealed class AnsweringStage(bool withJson) : Stage
    {
        protected override void Before(MessageContext context)
        {
            if (withJson)
                Succeed(context, 42);
            else
                Pass(context, new Dramatiq.Akka.Workers.Outcome.Succeeded(42, default));
        }
    }

    private sealed class GivingBack : Middleware
    {
        public override Props ProcessingStage => Props.Create(() => new GivingBackStage());
    }

    private sealed class GivingBackStage : Stage
    {
        protected override void Before(MessageContext context) => Pass(context, new Dramatiq.Akka.Workers.Outcome.Returned("again", CountsAsDelivery: true));
    }

    private sealed class OnlyDelayed : Middleware
    {
        public override Props EnqueueStage => Props.Create(() => new OnlyDelayedStage());
    }

    private sealed class OnlyDelayedStage : EnqueueStage
    {
        protected override void Before(EnqueueContext context)
        {
            if (context.Eta is null)
                Reject(context, "nothing runs now");
            else
                Pass(context);
        }
    }
}
