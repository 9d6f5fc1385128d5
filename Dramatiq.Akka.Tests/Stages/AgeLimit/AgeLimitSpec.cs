using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Stages.AgeLimit;

public sealed class AgeLimitSpec
{
    private readonly Feed<int> _runs = new();

    [Theory]
    [InlineData("{\"max_age\":10000}", 5_000, "", 10_000)]
    [InlineData("{}", 5_000, "1h", 5_000)]
    [InlineData("{}", null, "7s", 7_000)]
    [InlineData("{\"max_age\":0}", 5_000, "", 5_000)]
    [InlineData("{\"max_age\":null}", 5_000, "", 5_000)]
    [InlineData("{\"max_age\":0}", null, "7s", 7_000)]
    public async Task Message_as_old_as_its_limit_must_be_buried_unrun(string options, int? actorMs, string middleware, int limitMs)
    {
        await using var host = await StartAsync(actorMs, middleware);
        await host.Host.Queue.EnqueueAsync(Delayed(limitMs - 1, options));
        await host.JoinAsync();
        Assert.Equal([1], _runs.All);

        await host.Host.Queue.EnqueueAsync(Delayed(limitMs, options));
        await host.JoinAsync(failFast: false);
        Assert.Equal([1], _runs.All);
        Assert.StartsWith("message age limit exceeded: ", host.DeadNote().GetProperty("reason").GetString(), StringComparison.Ordinal);
        var skipped = await host.Signals.FirstAsync<Signals.AfterSkipMessage>();
        Assert.Equal(host.DeadNote().GetProperty("reason").GetString(), skipped.Reason);
        Assert.Single(host.Signals.All.OfType<Signals.AfterSkipMessage>());
    }

    [Fact]
    public async Task Reason_must_name_age_and_limit()
    {
        await using var host = await StartAsync(90_000, "");
        await host.Host.Queue.EnqueueAsync(Delayed(7_200_000, "{}"));
        await host.JoinAsync(failFast: false);

        Assert.Equal("message age limit exceeded: 2 h old, 1.5 min allowed", host.DeadNote().GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Message_without_a_limit_must_run_at_any_age()
    {
        await using var host = await StartAsync(null, "");
        await host.Host.Queue.EnqueueAsync(Delayed(365 * 86_400_000L, "{}"));
        await host.JoinAsync();

        Assert.Equal([1], _runs.All);
    }

    [Fact]
    public async Task Age_must_count_from_the_first_enqueueing_through_all_retries()
    {
        await using var host = await StartAsync(100_000, "", fails: true);
        await host.RunAsync(new ActorCall("work"), failFast: false);

        // Runs at 0, 15 and 45 seconds; the retry at 105 seconds is too old.
        Assert.Equal([1, 1, 1], _runs.All);
        var letter = host.DeadLetter().GetProperty("options");
        Assert.Equal("message age limit exceeded: 1.8 min old, 1.7 min allowed", letter.GetProperty("dead_letter").GetProperty("reason").GetString());
        Assert.Equal(3, letter.GetProperty("retries").GetInt32());
        Assert.StartsWith("System.InvalidOperationException", letter.GetProperty("traceback").GetString(), StringComparison.Ordinal);
    }

    private static Enqueue Delayed(long delayMs, string options) =>
        new(new ActorCall("work")) { Delay = TimeSpan.FromMilliseconds(delayMs), Options = VirtualHost.Options(options) };

    private Task<VirtualHost> StartAsync(int? actorMs, string middleware, bool fails = false) => VirtualHost.StartAsync(
        d => d.AddActor("work", () =>
        {
            _runs.Add(1);
            if (fails)
                throw new InvalidOperationException("boom");
        }, a =>
        {
            if (actorMs is { } limit)
                a.MaxAge(TimeSpan.FromMilliseconds(limit));
        }),
        hocon: middleware.Length == 0 ? "" : "dramatiq.middleware.age-limit.max-age = " + middleware);
}
