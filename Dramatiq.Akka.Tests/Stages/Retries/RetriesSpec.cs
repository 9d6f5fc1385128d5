using System.Text.Json;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.Contracts;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Stages.Retries;

public sealed class RetriesSpec
{
    private readonly Feed<DateTimeOffset> _runs = new();

    [Fact]
    public async Task Retries_must_run_21_times_and_then_bury_the_message_with_the_last_error()
    {
        await using var host = await FailingAsync();
        var enqueued = await host.CallAsync("fail", 7);
        var made = host.NowMs;
        await host.JoinAsync(failFast: false);

        Assert.Equal(21, _runs.All.Count);
        var letter = host.DeadLetter();
        Assert.Equal(enqueued.MessageId, letter.GetProperty("message_id").GetString());
        Assert.Equal(made, letter.GetProperty("message_timestamp").GetInt64());
        Assert.Equal("[7]", letter.GetProperty("args").GetRawText());
        var options = letter.GetProperty("options");
        Assert.Equal(21, options.GetProperty("retries").GetInt32());
        Assert.Equal(host.NowMs, options.GetProperty("requeue_timestamp").GetInt64());
        Assert.StartsWith("System.InvalidOperationException: run 21", options.GetProperty("traceback").GetString(), StringComparison.Ordinal);
        Assert.Contains(nameof(RetriesSpec), options.GetProperty("traceback").GetString(), StringComparison.Ordinal);
        Assert.False(options.TryGetProperty("eta", out _));
        Assert.Equal(
            $$"""{"reason":"attempt 21 was the last: InvalidOperationException: run 21","type":"InvalidOperationException","message":"run 21","attempt":21,"max_attempts":21,"at":{{host.NowMs}}}""",
            options.GetProperty("dead_letter").GetRawText());
    }

    [Fact]
    public async Task Retries_must_wait_twice_as_long_each_time()
    {
        await using var host = await FailingAsync(a => a.MaxRetries(5));
        await host.RunAsync(new ActorCall("fail", 0), failFast: false);

        var waits = _runs.All.Zip(_runs.All.Skip(1), static (earlier, later) => (later - earlier).TotalSeconds);
        Assert.Equal([15, 30, 60, 120, 240], waits);
    }

    [Fact]
    public async Task Retries_must_wait_within_the_bounds_of_chance()
    {
        await using var host = await FailingAsync(jitter: null);
        await host.RunAsync(new ActorCall("fail", 0), failFast: false);

        var waits = _runs.All.Zip(_runs.All.Skip(1), static (earlier, later) => (later - earlier).TotalMilliseconds).ToArray();
        Assert.Equal(20, waits.Length);
        for (var n = 0; n < waits.Length; n++)
        {
            var plain = 15_000 * Math.Pow(2, n);
            Assert.InRange(waits[n], Math.Min(plain, 302_400_000), Math.Min(2 * plain, 604_800_000));
        }
    }

    [Fact]
    public async Task Retries_must_run_on_for_a_year_of_virtual_time()
    {
        await using var host = await FailingAsync(a => a.MaxRetries(null), jitter: null);
        var end = host.Clock.GetUtcNow().AddDays(366);
        _until = () => host.Clock.GetUtcNow() >= end;
        for (var i = 0; i < 5; i++)
            await host.CallAsync("fail", i);
        await host.JoinAsync();

        Assert.True(host.Clock.GetUtcNow() >= end);
        Assert.InRange(_runs.All.Count, 5 * 60, 5 * 150);
        Assert.Empty(host.Broker.DeadLetters());
    }

    [Theory]
    [InlineData("{\"max_retries\":1}", 2)]
    [InlineData("{\"max_retries\":0}", 1)]
    [InlineData("{}", 4)]
    public async Task Retries_must_heed_the_message_before_the_actor_before_the_default(string options, int runs)
    {
        await using var host = await FailingAsync(a => a.MaxRetries(3), hocon: "dramatiq.middleware.retries.max-retries = 5");
        await host.RunAsync(new ActorCall("fail", 0), options, failFast: false);

        Assert.Equal(runs, _runs.All.Count);
        Assert.Equal(runs, host.DeadNote().GetProperty("max_attempts").GetInt32());
    }

    [Fact]
    public async Task Retries_must_heed_the_default_where_nothing_else_is_said()
    {
        await using var host = await FailingAsync(hocon: "dramatiq.middleware.retries { max-retries = 2, min-backoff = 1s, max-backoff = 1500ms }");
        await host.RunAsync(new ActorCall("fail", 0), failFast: false);

        Assert.Equal(3, _runs.All.Count);
        Assert.Equal(TimeSpan.FromSeconds(1) + TimeSpan.FromMilliseconds(750), _runs.All[^1] - _runs.All[0]);
    }

    [Fact]
    public async Task Null_of_a_message_must_mean_without_end()
    {
        await using var host = await FailingAsync(a => a.MaxRetries(1).MinBackoff(TimeSpan.FromMilliseconds(1)).MaxBackoff(TimeSpan.FromSeconds(1)));
        _until = () => _runs.All.Count > 60;
        await host.RunAsync(new ActorCall("fail", 0), """{"max_retries":null}""");

        Assert.Equal(61, _runs.All.Count);
    }

    [Fact]
    public async Task Backoff_of_a_message_must_come_before_the_actors()
    {
        await using var host = await FailingAsync(a => a.MaxRetries(2).MinBackoff(TimeSpan.FromMinutes(5)));
        await host.RunAsync(new ActorCall("fail", 0), """{"min_backoff":2000,"max_backoff":3000}""", failFast: false);

        Assert.Equal([2_000, 1_500], _runs.All.Zip(_runs.All.Skip(1), static (earlier, later) => (later - earlier).TotalMilliseconds));
    }

    [Fact]
    public async Task Retry_must_lie_in_the_delay_queue_as_python_writes_it()
    {
        await using var host = await FailingAsync();
        var enqueued = await host.EnqueueAsync(new ActorCall("fail", 0), """{"tenant":{"a":[1,2.50]},"max_age":99999999}""");
        await host.Signals.FirstAsync<Signals.BeforeDelayMessage>();

        var body = VirtualHost.Json(Assert.Single(await host.Broker.PeekBodiesAsync("default.DQ")));
        Assert.Equal("default.DQ", body.GetProperty("queue_name").GetString());
        Assert.Equal(enqueued.MessageId, body.GetProperty("message_id").GetString());
        Assert.Equal(
            ["tenant", "max_age", "retries", "traceback", "requeue_timestamp", "eta"],
            body.GetProperty("options").EnumerateObject().Select(static option => option.Name));
        Assert.Equal("""{"a":[1,2.50]}""", body.GetProperty("options").GetProperty("tenant").GetRawText());
        Assert.Equal(1, body.GetProperty("options").GetProperty("retries").GetInt32());
        Assert.Equal(host.NowMs, body.GetProperty("options").GetProperty("requeue_timestamp").GetInt64());
        Assert.Equal(host.NowMs + 15_000, body.GetProperty("options").GetProperty("eta").GetInt64());
    }

    [Fact]
    public async Task Success_after_failures_must_end_it()
    {
        await using var host = await FailingAsync();
        _until = () => _runs.All.Count == 3;
        await host.RunAsync(new ActorCall("fail", 0));

        Assert.Equal(3, _runs.All.Count);
        Assert.Empty(host.Broker.DeadLetters());
    }

    [Fact]
    public async Task Failure_without_retries_must_count_as_done()
    {
        await using var host = await FailingAsync(more: d => d.RemoveMiddleware("Retries"), bare: true);
        await host.RunAsync(new ActorCall("fail", 0));

        Assert.Single(_runs.All);
        Assert.Empty(host.Broker.DeadLetters());
        await host.Log.FirstAsync("failed and counts as done, since no middleware decides about failures: InvalidOperationException: run 1");
    }

    private Func<bool> _until = static () => false;

    private Task<VirtualHost> FailingAsync(
        Action<ActorOptions>? actor = null, string hocon = "", double? jitter = 0, Action<DramatiqBuilder>? more = null, bool bare = false)
    {
        VirtualHost? host = null;
        return StartAsync();

        async Task<VirtualHost> StartAsync()
        {
            var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
            host = await VirtualHost.StartAsync(
                d =>
                {
                    d.AddActor("fail", (int _) =>
                    {
                        _runs.Add(clock.GetUtcNow());
                        if (!_until())
                            throw new InvalidOperationException($"run {_runs.All.Count}");
                    }, bare ? null : actor);
                    more?.Invoke(d);
                },
                hocon: hocon, clock: clock, jitter: jitter);
            return host;
        }
    }
}
