using Dramatiq.Akka.Messages;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Tests.Workers;

public sealed class HandlerFailureSpec
{
    public sealed record Run(int Number);

    public interface INobodyRegistered;

    private sealed class Unbuildable : TaskActor
    {
        public Unbuildable() => throw new InvalidOperationException("no such luck");
    }

    private sealed class NeedsService : TaskActor
    {
        public NeedsService(INobodyRegistered service) => Receive<Run>(_ => Assert.NotNull(service));
    }

    [Fact]
    public async Task Pool_must_survive_a_handler_that_throws()
    {
        await using var host = await SurvivalHost.StartAsync(d => d.AddActor("throws", void () => throw new InvalidOperationException("boom"), a => a.MaxRetries(0)));
        var sent = await host.EnqueueAsync(new ActorCall("throws"));
        await host.AssertSurvivedAsync(deadLetters: 1);

        Assert.Equal("boom", Assert.IsType<InvalidOperationException>(host.Host.Broker.DeadLetters("default")[0].Cause).Message);
        var line = await host.Log.OneAsync($"throws {sent.MessageId} on default went to default.XQ: attempt 1 was the last: InvalidOperationException: boom");
        Assert.Equal(LogLevel.Error, line.Level);
    }

    [Fact]
    public async Task Retries_must_run_a_message_to_its_last_attempt_and_say_so_each_time()
    {
        var runs = 0;
        await using var host = await SurvivalHost.StartAsync(d => d.AddActor("throws", void () => { runs++; throw new InvalidOperationException("boom"); }, a => a.MaxRetries(3)));
        var sent = await host.EnqueueAsync(new ActorCall("throws"));
        await host.AssertSurvivedAsync(deadLetters: 1);

        Assert.Equal(4, runs);
        Assert.Equal(LogLevel.Warning, (await host.Log.OneAsync($"throws {sent.MessageId} failed (attempt 2 of 4) and is tried again in")).Level);
        await host.Log.OneAsync("attempt 4 was the last: InvalidOperationException: boom");
    }

    [Theory]
    [InlineData(false, "attempt 2 was the last: InvalidOperationException: boom")]
    [InlineData(true, "retry_when threw FormatException (odd) when asked about InvalidOperationException: boom")]
    public async Task Retries_must_ask_its_predicate_and_give_up_when_it_throws(bool throws, string reason)
    {
        var asked = new List<int>();
        await using var host = await SurvivalHost.StartAsync(d => d.AddActor("picky", void () => throw new InvalidOperationException("boom"), a => a.RetryWhen((retries, _) =>
        {
            asked.Add(retries);
            return throws ? throw new FormatException("odd") : retries < 1;
        })));
        await host.EnqueueAsync(new ActorCall("picky"));
        await host.AssertSurvivedAsync(deadLetters: 1);

        Assert.Equal(throws ? [0] : [0, 1], asked);
        await host.Log.OneAsync(reason);
    }

    [Fact]
    public async Task Pool_must_survive_a_handler_whose_constructor_throws()
    {
        await using var host = await SurvivalHost.StartAsync(d => d.AddActor<Unbuildable>(a => a.Handles<Run>(o => o.MaxRetries(1))));
        await host.EnqueueAsync(new Run(1));
        await host.AssertSurvivedAsync(deadLetters: 1);

        Assert.Equal("no such luck", host.Host.Broker.DeadLetters("default")[0].Cause?.Message);
        await host.Log.OneAsync("attempt 2 was the last: InvalidOperationException: no such luck");
    }

    [Fact]
    public async Task Pool_must_survive_a_handler_whose_service_is_missing()
    {
        await using var host = await SurvivalHost.StartAsync(d => d.AddActor<NeedsService>(a => a.Handles<Run>(o => o.MaxRetries(0))));
        await host.EnqueueAsync(new Run(1));
        await host.AssertSurvivedAsync(deadLetters: 1);

        var line = await host.Log.OneAsync("went to default.XQ: attempt 1 was the last: InvalidOperationException: ");
        Assert.Contains(nameof(INobodyRegistered), line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pool_must_survive_a_result_that_cannot_be_serialized()
    {
        await using var host = await SurvivalHost.StartAsync(d => d
            .AddActor("odd", () => (object)new Action(() => { }), a => a.MaxRetries(0).OnSuccess("sink"))
            .AddActor("sink", (JsonText message, JsonText result) => { }));
        await host.EnqueueAsync(new ActorCall("odd"));
        await host.AssertSurvivedAsync(deadLetters: 1);

        Assert.IsType<UnserializableResultException>(host.Host.Broker.DeadLetters("default")[0].Cause);
        await host.Log.OneAsync("went to default.XQ:");
    }

    [Fact]
    public async Task Message_for_an_actor_nobody_declared_must_be_a_dead_letter()
    {
        await using var host = await SurvivalHost.StartAsync(_ => { });
        var sent = await host.EnqueueAsync(new ActorCall("nobody", 1) { Queue = "default" });
        await host.AssertSurvivedAsync(deadLetters: 1);

        var dead = Assert.Single(host.Host.Broker.DeadLetters("default"));
        Assert.Equal("No actor 'nobody' is declared to run here (known: ok).", Assert.IsType<UnknownActorException>(dead.Cause).Message);
        Assert.True(dead.Message!.Options.Contains(OptionNames.DeadLetter));
        var line = await host.Log.OneAsync($"nobody {sent.MessageId} on default went to default.XQ: no actor 'nobody' is declared to run here (known: ok)");
        Assert.Equal(LogLevel.Error, line.Level);
    }

    [Fact]
    public async Task Out_of_memory_must_start_everything_anew_and_lose_nothing()
    {
        var runs = 0;
        await using var host = await SurvivalHost.StartAsync(d => d.AddActor("huge", () =>
        {
            if (Interlocked.Increment(ref runs) == 1)
                throw new InsufficientMemoryException();
        }));
        var sent = await host.EnqueueAsync(new ActorCall("huge"));
        await host.AssertSurvivedAsync();

        Assert.Equal(2, runs);
        var line = await host.Log.OneAsync($"huge {sent.MessageId} on default: InsufficientMemoryException. The process is no longer to be trusted; consumers and workers start anew, and the message goes back to its queue.");
        Assert.Equal(LogLevel.Error, line.Level);
    }
}
