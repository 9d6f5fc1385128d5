using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Stages.TimeLimit;

public sealed class TimeLimitSpec
{
    private readonly Feed<int> _started = new();

    [Fact]
    public async Task Token_must_fire_at_the_limit_and_the_attempt_count_as_failed()
    {
        await using var host = await VirtualHost.StartAsync(d => d.AddActor("work", async (CancellationToken token) =>
        {
            _started.Add(1);
            await Task.Delay(Timeout.Infinite, token);
        }, a => a.MaxRetries(0)));
        await host.CallAsync("work");
        await _started.AtLeastAsync(1);
        host.Clock.Advance(TimeSpan.FromMinutes(10));
        await host.JoinAsync(failFast: false);

        var note = host.DeadNote();
        Assert.Equal("TimeLimitExceededException", note.GetProperty("type").GetString());
        Assert.Equal("'work' ran past its time limit of 10 min.", note.GetProperty("message").GetString());
        await host.Log.FirstAsync("has run for 10 min, which is its time limit; its token is cancelled.");
    }

    [Fact]
    public async Task Handler_stopped_by_the_limit_must_be_tried_again()
    {
        await using var host = await VirtualHost.StartAsync(d => d.AddActor("work", async (CancellationToken token) =>
        {
            _started.Add(1);
            if (_started.All.Count == 1)
                await Task.Delay(Timeout.Infinite, token);
        }));
        await host.CallAsync("work");
        await _started.AtLeastAsync(1);
        host.Clock.Advance(TimeSpan.FromMinutes(10));
        await host.JoinAsync();

        Assert.Equal(2, _started.All.Count);
    }

    [Fact]
    public async Task Handler_that_returns_in_spite_of_the_limit_must_have_succeeded()
    {
        await using var host = await VirtualHost.StartAsync(d => d.AddActor("work", async (CancellationToken token) =>
        {
            _started.Add(1);
            await Task.Delay(Timeout.Infinite, token).ContinueWith(static _ => { }, TaskScheduler.Default);
        }));
        await host.CallAsync("work");
        await _started.AtLeastAsync(1);
        host.Clock.Advance(TimeSpan.FromMinutes(10));
        await host.JoinAsync();

        Assert.Single(_started.All);
        Assert.Empty(host.Broker.DeadLetters());
    }

    [Theory]
    [InlineData("{\"time_limit\":2000}", 60_000, "10m", 2_000)]
    [InlineData("{\"time_limit\":0}", 60_000, "10m", 60_000)]
    [InlineData("{}", 60_000, "infinite", 60_000)]
    [InlineData("{}", 0, "3s", 3_000)]
    [InlineData("{}", null, "3s", 3_000)]
    public async Task Limit_must_be_the_messages_before_the_actors_before_the_default(string options, int? actorMs, string middleware, int limitMs)
    {
        var limits = new Feed<TimeSpan>();
        await using var host = await VirtualHost.StartAsync(
            d => d.AddActor("work", (MessageContext context) => limits.Add(context.TimeLimit), a => Limited(a, actorMs)),
            hocon: "dramatiq.middleware.time-limit.time-limit = " + middleware);
        await host.RunAsync(new ActorCall("work"), options);

        Assert.Equal([TimeSpan.FromMilliseconds(limitMs)], limits.All);
    }

    [Theory]
    [InlineData("{}", true, "10m")]
    [InlineData("{\"time_limit\":Infinity}", false, "10m")]
    [InlineData("{}", false, "infinite")]
    public async Task Infinite_limit_must_be_none(string options, bool actor, string middleware)
    {
        var cancelled = new Feed<bool>();
        var release = new TaskCompletionSource();
        await using var host = await VirtualHost.StartAsync(
            d => d.AddActor("work", async (CancellationToken token) =>
            {
                _started.Add(1);
                await release.Task;
                cancelled.Add(token.IsCancellationRequested);
            }, a => Limited(a, actor ? -1 : null)),
            hocon: "dramatiq.middleware.time-limit.time-limit = " + middleware);
        await host.EnqueueAsync(new ActorCall("work"), options);
        await _started.AtLeastAsync(1);
        host.Clock.Advance(TimeSpan.FromDays(400));
        release.SetResult();
        await host.JoinAsync();

        Assert.Equal([false], cancelled.All);
        Assert.DoesNotContain(host.Log.All, static line => line.Text.Contains("time limit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Limit_longer_than_a_timer_can_wait_must_be_kept()
    {
        await using var host = await VirtualHost.StartAsync(d => d.AddActor("work", async (CancellationToken token) =>
        {
            _started.Add(1);
            await Task.Delay(Timeout.Infinite, token);
        }, a => a.MaxRetries(0).TimeLimit(TimeSpan.FromDays(100))));
        await host.CallAsync("work");
        await _started.AtLeastAsync(1);
        var join = host.JoinAsync(failFast: false);
        for (var day = 1; day <= 99; day++)
            host.Clock.Advance(TimeSpan.FromDays(1));
        Assert.False(join.IsCompleted);

        // The timer is started anew each day by an actor, which sees the clock's jumps late.
        while (!join.IsCompleted)
        {
            host.Clock.Advance(TimeSpan.FromHours(1));
            await Task.WhenAny(join, Task.Delay(1));
        }

        await join;
        Assert.Equal("TimeLimitExceededException", host.DeadNote().GetProperty("type").GetString());
    }

    private static void Limited(ActorOptions options, int? milliseconds)
    {
        if (milliseconds is { } limit)
            options.TimeLimit(TimeSpan.FromMilliseconds(limit));
    }
}
