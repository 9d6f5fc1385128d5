using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Tests.Stages.Retries;

public sealed class RetryDecisionsSpec
{
    private readonly Feed<DateTimeOffset> _runs = new();
    private readonly Feed<(JsonText Message, JsonText Detail)> _told = new();

    [Fact]
    public async Task Retry_when_must_decide_in_place_of_the_count()
    {
        var asked = new Feed<(int, string)>();
        await using var host = await StartAsync(_ => new InvalidOperationException("boom"), a => a.MaxRetries(0).RetryWhen((retries, error) =>
        {
            asked.Add((retries, error.Message));
            return retries < 2;
        }));
        await host.RunAsync(new ActorCall("work"), """{"max_retries":1}""", failFast: false);

        Assert.Equal([(0, "boom"), (1, "boom"), (2, "boom")], asked.All);
        Assert.Equal(3, _runs.All.Count);
        Assert.Equal(3, host.DeadNote().GetProperty("attempt").GetInt32());
        Assert.Equal("null", host.DeadNote().GetProperty("max_attempts").GetRawText());
    }

    [Fact]
    public async Task Retry_when_that_throws_must_end_the_message_and_be_named()
    {
        await using var host = await StartAsync(_ => new InvalidOperationException("boom"), a => a.RetryWhen((_, _) => throw new FormatException("bad predicate")));
        await host.RunAsync(new ActorCall("work"), failFast: false);

        Assert.Single(_runs.All);
        Assert.Equal("retry_when threw FormatException (bad predicate) when asked about InvalidOperationException: boom", host.DeadNote().GetProperty("reason").GetString());
        Assert.Equal("boom", host.DeadNote().GetProperty("message").GetString());
    }

    [Fact]
    public async Task Expected_exceptions_must_not_be_tried_again()
    {
        await using var host = await StartAsync(_ => new FileNotFoundException("gone"), a => a.Throws<FormatException>().Throws<IOException>());
        await host.RunAsync(new ActorCall("work"), failFast: false);

        Assert.Single(_runs.All);
        var note = host.DeadNote();
        Assert.Equal(("expected FileNotFoundException: gone", "FileNotFoundException", 1, 21), (
            note.GetProperty("reason").GetString(), note.GetProperty("type").GetString(),
            note.GetProperty("attempt").GetInt32(), note.GetProperty("max_attempts").GetInt32()));
        Assert.False(host.DeadLetter().GetProperty("options").TryGetProperty("retries", out _));
    }

    [Fact]
    public async Task Exceptions_that_are_not_expected_must_be_tried_again()
    {
        await using var host = await StartAsync(run => run == 1 ? new InvalidOperationException() : null, a => a.Throws<IOException>());
        await host.RunAsync(new ActorCall("work"));

        Assert.Equal(2, _runs.All.Count);
    }

    [Fact]
    public async Task Retry_exception_must_name_its_own_delay_and_still_be_counted()
    {
        await using var host = await StartAsync(run => new RetryException("later", run == 1 ? TimeSpan.FromMinutes(3) : null), a => a.MaxRetries(2));
        await host.RunAsync(new ActorCall("work"), failFast: false);

        Assert.Equal([180, 30], _runs.All.Zip(_runs.All.Skip(1), static (earlier, later) => (later - earlier).TotalSeconds));
        Assert.Equal("RetryException", host.DeadNote().GetProperty("type").GetString());
        await host.Log.FirstAsync("is tried again in 30 s (attempt 3): later");
        Assert.DoesNotContain(host.Log.All, static line => line.Level == LogLevel.Warning && line.Text.Contains("later", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rate_limit_must_be_tried_again_like_a_plain_failure_without_a_warning()
    {
        await using var host = await StartAsync(run => run == 1 ? new RateLimitExceededException("full") : null);
        await host.RunAsync(new ActorCall("work"));

        Assert.Equal([15], _runs.All.Zip(_runs.All.Skip(1), static (earlier, later) => (later - earlier).TotalSeconds));
        await host.Log.FirstAsync("is tried again in 15 s (attempt 2): full");
        Assert.DoesNotContain(host.Log.All, static line => line.Level >= LogLevel.Warning);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"on_retry_exhausted":"told"}""")]
    public async Task Exhausted_retries_must_be_told_with_the_message_and_its_counts(string options)
    {
        await using var host = await StartAsync(_ => new InvalidOperationException("boom"), a =>
        {
            a.MaxRetries(2);
            if (options == "{}")
                a.OnRetryExhausted("told");
        });
        var enqueued = await host.EnqueueAsync(new ActorCall("work"), options);
        await host.JoinAsync(failFast: false);

        var (message, detail) = Assert.Single(_told.All);
        Assert.Equal("""{"retries":2,"max_retries":2}""", detail.ToString());
        var told = VirtualHost.Json(System.Text.Encoding.UTF8.GetBytes(message.ToString()));
        Assert.Equal(enqueued.MessageId, told.GetProperty("message_id").GetString());
        Assert.Equal(3, told.GetProperty("options").GetProperty("retries").GetInt32());
    }

    [Fact]
    public async Task Expected_exceptions_must_not_be_told_as_exhausted()
    {
        await using var host = await StartAsync(_ => new IOException(), a => a.OnRetryExhausted("told").Throws<IOException>());
        await host.RunAsync(new ActorCall("work"), failFast: false);

        Assert.Empty(_told.All);
    }

    [Fact]
    public async Task Unknown_name_of_a_message_must_be_dead_lettered_before_it_runs()
    {
        var ran = false;
        await using var host = await StartAsync(_ =>
        {
            ran = true;
            return null;
        });
        await host.RunAsync(new ActorCall("work"), """{"on_retry_exhausted":"nobody"}""", failFast: false);

        Assert.False(ran);
        Assert.Equal(
            "'work': option 'on_retry_exhausted' of the message names actor 'nobody', which is not declared here (known: told, work). Declare it, without a handler if it runs elsewhere, and requeue the message.",
            host.DeadNote().GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Unknown_name_of_an_actor_must_stop_the_start()
    {
        var error = await Assert.ThrowsAsync<DeclarationException>(() => StartAsync(_ => null, a => a.OnRetryExhausted("nobody")));

        Assert.Equal(
            "Actor 'work': option 'on_retry_exhausted' names actor 'nobody', which is not declared (known: told, work). Declare it, without a handler if it runs elsewhere.",
            error.Message);
    }

    private Task<VirtualHost> StartAsync(Func<int, Exception?> fails, Action<ActorOptions>? actor = null)
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        return VirtualHost.StartAsync(
            d => d
                .AddActor("work", () =>
                {
                    _runs.Add(clock.GetUtcNow());
                    if (fails(_runs.All.Count) is { } error)
                        throw error;
                }, actor)
                .AddActor("told", (JsonText message, JsonText detail) => _told.Add((message, detail))),
            clock: clock);
    }
}
