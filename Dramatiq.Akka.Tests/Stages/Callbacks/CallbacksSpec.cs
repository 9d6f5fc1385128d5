using System.Text;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Stages.Callbacks;

public sealed class CallbacksSpec
{
    private readonly Feed<(string Who, string Message, string Detail)> _told = new();
    private int _runs;

    private sealed record Sum(int Total, List<int> Parts);

    [Fact]
    public async Task Success_must_be_told_with_the_message_and_its_result()
    {
        await using var host = await StartAsync(d => d.AddActor("work", (int x) => new Sum(x + 1, [x, 1]), a => a.OnSuccess("first")));
        var enqueued = await host.CallAsync("work", 4);
        await host.JoinAsync();

        var (who, message, detail) = Assert.Single(_told.All);
        Assert.Equal(("first", """{"total":5,"parts":[4,1]}"""), (who, detail));
        Assert.Equal(
            $$$"""{"queue_name":"default","actor_name":"work","args":[4],"kwargs":{},"options":{},"message_id":"{{{enqueued.MessageId}}}","message_timestamp":{{{host.NowMs}}}}""",
            message);
    }

    [Fact]
    public async Task Success_without_a_result_must_be_told_with_null()
    {
        await using var host = await StartAsync(d => d.AddActor("work", async () => await Task.Yield(), a => a.OnSuccess("first").OnFailure("second")));
        await host.RunAsync(new ActorCall("work"));

        Assert.Equal(("first", "null"), (Assert.Single(_told.All).Who, _told.All[0].Detail));
    }

    [Fact]
    public async Task Failure_must_be_told_on_every_attempt_with_type_and_message()
    {
        await using var host = await StartAsync(d => d.AddActor("work", Fail, a => a.MaxRetries(2).OnFailure("first")));
        await host.RunAsync(new ActorCall("work"), failFast: false);

        Assert.Equal(
            Enumerable.Range(1, 3).Select(static run => $$"""{"type":"InvalidOperationException","message":"run {{run}}"}"""),
            _told.All.Select(static told => told.Detail));
        Assert.Equal(
            [1, 2, 3],
            _told.All.Select(static told => VirtualHost.Json(Encoding.UTF8.GetBytes(told.Message)).GetProperty("options").GetProperty("retries").GetInt32()));
        Assert.Single(host.Broker.DeadLetters());
    }

    [Fact]
    public async Task Failure_must_say_in_its_options_which_attempt_it_was_and_whether_the_last()
    {
        var attempts = new Feed<(FailedAttempt? Attempt, string Message, string Error)>();
        await using var host = await StartAsync(d => d
            .AddActor("told", (Message failed, CallbackError error, MessageContext context) => attempts.Add((FailedAttempt.Of(context.Message), failed.ActorName, error.Message)))
            .AddActor("work", Fail, a => a.MaxRetries(1).OnFailure("told"))
            .AddActor("endless", Fail, a => a.MaxRetries(null).RetryWhen(static (retries, _) => retries < 1).OnFailure("told")));
        await host.RunAsync(new ActorCall("work"), failFast: false);
        await host.RunAsync(new ActorCall("endless"), failFast: false);

        Assert.Equal(
            [(new(1, 2, false), "work", "run 1"), (new(2, 2, true), "work", "run 2"), (new(1, null, false), "endless", "run 3"), (new(2, null, true), "endless", "run 4")],
            attempts.All);
    }

    [Fact]
    public async Task Failure_without_retries_must_be_the_last_attempt()
    {
        var attempts = new Feed<FailedAttempt?>();
        await using var host = await StartAsync(d => d
            .RemoveMiddleware("Retries")
            .AddActor("told", (Message failed, CallbackError error, MessageContext context) => attempts.Add(FailedAttempt.Of(context.Message)))
            .AddActor("work", Fail, static a => a.OnFailure("told")));
        await host.RunAsync(new ActorCall("work"));

        Assert.Equal([new FailedAttempt(1, null, true)], attempts.All);
    }

    [Fact]
    public async Task Failure_of_which_nobody_has_decided_must_not_say_whether_it_is_the_last()
    {
        var attempts = new Feed<FailedAttempt?>();
        await using var host = await StartAsync(d => d
            .AddMiddleware(new FailsOnce(), after: nameof(Akka.Stages.Callbacks))
            .AddActor("told", (Message failed, CallbackError error, MessageContext context) => attempts.Add(FailedAttempt.Of(context.Message)))
            .AddActor("work", static () => { }, static a => a.OnFailure("told").Option("fails_once", true)));
        await host.RunAsync(new ActorCall("work"));

        Assert.Equal([null], attempts.All);
    }

    [Fact]
    public async Task Failure_that_python_tells_of_must_have_no_attempt()
    {
        await using var host = await StartAsync(static d => d.AddActor("told", static (MessageContext context) => Assert.Null(FailedAttempt.Of(context.Message))));
        await host.RunAsync(new ActorCall("told"));
    }

    [Fact]
    public async Task Callbacks_must_be_named_by_their_tasks_and_take_the_message_as_it_was()
    {
        var told = new Feed<object>();
        await using var host = await VirtualHost.StartAsync(
            d => d
                .AddActor<Listener>(static a => a.Handles<Done>().Handles<Failed>().Handles<GivenUp>())
                .AddActor("work", static (int x) => x + 1, static a => a.OnSuccess<Done>())
                .AddActor("fails", Fail, static a => a.MaxRetries(1).OnFailure<Failed>().OnRetryExhausted<GivenUp>()),
            services => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton(services, told));
        var enqueued = await host.CallAsync("work", 4);
        await host.JoinAsync();
        await host.RunAsync(new ActorCall("fails"), failFast: false);

        var done = Assert.IsType<Done>(told.All[0]);
        Assert.Equal((enqueued.MessageId, "[4]", 5), (done.Of.MessageId, Encoding.UTF8.GetString(done.Of.Args.Span), done.Result));
        Assert.Equal(["run 1", "run 2"], told.All.OfType<Failed>().Select(static failed => failed.Error.Message));
        Assert.Equal(new RetriesExhausted(1, 1), Assert.Single(told.All.OfType<GivenUp>()).Counts);
    }

    [Fact]
    public async Task What_is_no_message_must_not_bind_as_one()
    {
        await using var host = await StartAsync(static d => d.AddActor("told", static (Message _) => { }));
        await host.RunAsync(new ActorCall("told", "no message"), failFast: false);

        Assert.StartsWith("told: parameter '_' (Message) cannot be read from \"no message\": a message is expected, and ", host.DeadNote().GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expected_failure_and_failure_without_retries_must_be_told()
    {
        await using var host = await StartAsync(d => d
            .RemoveMiddleware("Retries")
            .AddActor("work", Fail, a => a.OnFailure("first")));
        await host.RunAsync(new ActorCall("work"));

        Assert.Equal("""{"type":"InvalidOperationException","message":"run 1"}""", Assert.Single(_told.All).Detail);
    }

    [Fact]
    public async Task Arguments_that_do_not_bind_must_be_told_as_a_failure()
    {
        await using var host = await StartAsync(d => d.AddActor("work", (int _) => { }, a => a.OnFailure("first")));
        await host.RunAsync(new ActorCall("work", "x"), failFast: false);

        Assert.Contains("\"type\":\"ArgumentBindingException\"", Assert.Single(_told.All).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_must_come_before_the_actor()
    {
        await using var host = await StartAsync(d => d
            .AddActor("work", () => 1, a => a.OnSuccess("first"))
            .AddActor("plain", () => 2));
        await host.RunAsync(new ActorCall("work"), """{"on_success":"second"}""");
        await host.RunAsync(new ActorCall("plain"), """{"on_success":"second"}""");
        await host.RunAsync(new ActorCall("work"), """{"on_success":null}""");

        Assert.Equal([("second", "1"), ("second", "2"), ("first", "1")], _told.All.Select(static told => (told.Who, told.Detail)));
    }

    [Fact]
    public async Task Callback_must_go_to_the_queue_of_its_actor()
    {
        await using var host = await StartAsync(d => d
            .AddActor("elsewhere", (JsonText message, JsonText detail) => _told.Add(("elsewhere", message.ToString(), detail.ToString())), a => a.Queue("other"))
            .AddActor("work", () => 1, a => a.OnSuccess("elsewhere")));
        await host.RunAsync(new ActorCall("work"));
        await host.JoinAsync("other");

        Assert.Equal("elsewhere", Assert.Single(_told.All).Who);
    }

    [Theory]
    [InlineData("on_success")]
    [InlineData("on_failure")]
    public async Task Unknown_name_of_an_actor_must_stop_the_start(string option)
    {
        var error = await Assert.ThrowsAsync<DeclarationException>(() => StartAsync(d => d.AddActor("work", () => 1, a => a.Option(option, "nobody"))));

        Assert.Equal(
            $"Actor 'work': option '{option}' names actor 'nobody', which is not declared (known: first, second, work). Declare it, without a handler if it runs elsewhere.",
            error.Message);
    }

    [Theory]
    [InlineData("on_success")]
    [InlineData("on_failure")]
    public async Task Unknown_name_of_a_message_must_bury_it_before_it_runs(string option)
    {
        await using var host = await StartAsync(d => d.AddActor("work", Fail));
        await host.RunAsync(new ActorCall("work"), $$"""{"{{option}}":"nobody"}""", failFast: false);

        Assert.Equal(0, _runs);
        Assert.Equal(
            $"'work': option '{option}' of the message names actor 'nobody', which is not declared here (known: first, second, work). Declare it, without a handler if it runs elsewhere, and requeue the message.",
            host.DeadNote().GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Result_that_cannot_be_written_must_bury_the_message_without_a_retry()
    {
        await using var host = await StartAsync(d => d.AddActor("work", () =>
        {
            _runs++;
            return (Action)(() => { });
        }, a => a.OnSuccess("first")));
        await host.RunAsync(new ActorCall("work"), failFast: false);

        Assert.Equal(1, _runs);
        Assert.Empty(_told.All);
        Assert.Equal("UnserializableResultException", host.DeadNote().GetProperty("type").GetString());
    }

    private sealed class FailsOnce : Middleware
    {
        public override IReadOnlyList<Akka.Actors.ActorOption> Options { get; } = [Akka.Actors.ActorOption.Flag("fails_once")];

        public override Props ProcessingStage => Props.Create(() => new FailsOnceStage());

        public override bool IsNeededBy(Akka.Actors.DeclaredActor actor) => actor.Option("fails_once", false);
    }

    private sealed class FailsOnceStage : Stage
    {
        protected override void Before(MessageContext context)
        {
            if (context.Attempt == 1)
                Fail(context, new InvalidOperationException("not yet"));
            else
                Pass(context);
        }
    }

    public sealed record Done(Message Of, int Result);

    [Task(Name = "it_failed")]
    public sealed record Failed(Message Of, CallbackError Error);

    public sealed record GivenUp(Message Of, RetriesExhausted Counts);

    internal sealed class Listener : TaskActor
    {
        public Listener(Feed<object> told)
        {
            Receive<Done>(told.Add);
            Receive<Failed>(told.Add);
            Receive<GivenUp>(told.Add);
        }
    }

    private void Fail() => throw new InvalidOperationException($"run {++_runs}");

    private Task<VirtualHost> StartAsync(Action<DramatiqBuilder> configure) => VirtualHost.StartAsync(d =>
    {
        d.AddActor("first", (JsonText message, JsonText detail) => _told.Add(("first", message.ToString(), detail.ToString())));
        d.AddActor("second", (JsonText message, JsonText detail) => _told.Add(("second", message.ToString(), detail.ToString())));
        configure(d);
    });
}
