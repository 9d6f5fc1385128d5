using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka.Tests.Actors;

public sealed class HandlerLifeSpec
{
    private readonly Probe _probe = new();

    private sealed record Act(string What);

    [Fact]
    public async Task Instance_must_live_from_message_to_message()
    {
        await using var host = await StartAsync();
        await host.RunAsync(new Act("succeed"));
        await host.RunAsync(new Act("succeed"));

        Assert.Equal(["1 succeed", "1 succeed"], _probe.Runs.All);
    }

    [Theory]
    [InlineData("fail")]
    [InlineData("fail later")]
    public async Task Failure_must_be_met_with_a_fresh_instance(string what)
    {
        await using var host = await StartAsync();
        await host.RunAsync(new Act(what), """{"max_retries":1}""", failFast: false);
        await host.RunAsync(new Act("succeed"), failFast: false);

        Assert.Equal([$"1 {what}", $"2 {what}", "3 succeed"], _probe.Runs.All);
    }

    [Theory]
    [InlineData("retry")]
    [InlineData("limit")]
    [InlineData("expected")]
    [InlineData("expected later")]
    [InlineData("cancel")]
    public async Task Failure_that_says_nothing_against_the_instance_must_leave_it_alone(string what)
    {
        await using var host = await StartAsync();
        await host.RunAsync(new Act(what), """{"max_retries":0}""", failFast: false);
        await host.RunAsync(new Act("succeed"), failFast: false);

        Assert.Equal([$"1 {what}", "1 succeed"], _probe.Runs.All);
        Assert.Single(host.Broker.DeadLetters());
    }

    [Fact]
    public async Task Fresh_instances_must_be_built_one_for_each_message_whatever_becomes_of_it()
    {
        await using var host = await StartAsync(fresh: true);
        await host.RunAsync(new Act("succeed"));
        await host.RunAsync(new Act("fail"), """{"max_retries":1}""", failFast: false);
        await host.RunAsync(new Act("expected"), failFast: false);
        await host.RunAsync(new Act("succeed"), failFast: false);
        await _probe.Disposed.AtLeastAsync(5);

        Assert.Equal(["1 succeed", "2 fail", "3 fail", "4 expected", "5 succeed"], _probe.Runs.All);
        Assert.Equal([1, 2, 3, 4, 5], _probe.Disposed.All.Order());
    }

    [Fact]
    public async Task Scope_of_an_instance_must_live_as_long_as_the_instance()
    {
        await using var host = await StartAsync();
        await host.RunAsync(new Act("succeed"));
        Assert.Empty(_probe.Disposed.All);
        await host.RunAsync(new Act("fail"), """{"max_retries":0}""", failFast: false);

        Assert.Equal([1], await _probe.Disposed.AtLeastAsync(1));
    }

    [Theory]
    [InlineData("scope")]
    [InlineData("scope and fail")]
    public async Task Scope_of_a_message_must_be_its_own_and_be_disposed_afterwards(string what)
    {
        await using var host = await StartAsync();
        await host.RunAsync(new Act(what), """{"max_retries":0}""", failFast: false);
        await _probe.ScopesDisposed.AtLeastAsync(1);
        await host.RunAsync(new Act(what), """{"max_retries":0}""", failFast: false);
        await _probe.ScopesDisposed.AtLeastAsync(2);

        Assert.Equal([1, 2], _probe.ScopesDisposed.All);
        Assert.Equal(["same", "same"], _probe.Runs.All.Where(static run => run == "same"));
    }

    [Fact]
    public async Task Instance_that_cannot_be_built_must_fail_the_message_and_not_lose_it()
    {
        _probe.BuildsToFail = 3;
        await using var host = await StartAsync();
        await host.RunAsync(new Act("succeed"));

        Assert.Equal(["4 succeed"], _probe.Runs.All);
        await host.Log.FirstAsync("failed (attempt 3 of 21) and is tried again in 1 min: FormatException: cannot be built");
    }

    [Fact]
    public async Task Instance_that_stops_itself_must_be_replaced_without_losing_a_message()
    {
        await using var host = await StartAsync();
        for (var i = 0; i < 20; i++)
            await host.EnqueueAsync(new Act("stop"));
        await host.JoinAsync();

        // One that the stopping instance takes in its last moment is tried again.
        Assert.InRange(_probe.Runs.All.Count, 20, 40);
        Assert.Equal(_probe.Runs.All.Count, _probe.Runs.All.Distinct().Count());
    }

    private Task<VirtualHost> StartAsync(bool fresh = false) => VirtualHost.StartAsync(
        d =>
        {
            d.Options.Queues.Workers = 1;
            d.AddActor<Actor>(a =>
            {
                a.Handles<Act>(static o => o.Throws<IOException>());
                if (fresh)
                    a.FreshForEachMessage();
            });
        },
        services => services.AddSingleton(_probe).AddScoped<Owned>().AddScoped<Scoped>());

    private sealed class Probe
    {
        private int _built;
        private int _scopes;

        public Feed<string> Runs { get; } = new();

        public Feed<int> Disposed { get; } = new();

        public Feed<int> ScopesDisposed { get; } = new();

        public int BuildsToFail { get; set; }

        public int Build() => ++_built <= BuildsToFail ? throw new FormatException("cannot be built") : _built;

        public int Scope() => ++_scopes;
    }

    /// <summary>Belongs to the instance.</summary>
    private sealed class Owned(Probe probe) : IAsyncDisposable
    {
        public int Number { get; } = probe.Build();

        public ValueTask DisposeAsync()
        {
            probe.Disposed.Add(Number);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Belongs to the message.</summary>
    private sealed class Scoped(Probe probe) : IDisposable
    {
        private readonly int _number = probe.Scope();

        public void Dispose() => probe.ScopesDisposed.Add(_number);
    }

    private sealed class Actor : TaskActor
    {
        private readonly Probe _probe;

        public Actor(Probe probe, Owned owned)
        {
            _probe = probe;
            ReceiveAsync<Act>(async act =>
            {
                probe.Runs.Add($"{owned.Number} {act.What}");
                if (act.What.EndsWith("later", StringComparison.Ordinal))
                    await Task.Yield();
                Do(act.What);
            });
        }

        private void Do(string what)
        {
            switch (what)
            {
                case "fail" or "fail later": throw new InvalidOperationException("boom");
                case "retry": throw new RetryException();
                case "limit": throw new RateLimitExceededException();
                case "expected" or "expected later": throw new FileNotFoundException("gone");
                case "cancel": throw new OperationCanceledException();
                case "stop":
                    Context.Stop(Self);
                    break;
                case "scope" or "scope and fail":
                    _probe.Runs.Add(Services.GetRequiredService<Scoped>() == Services.GetRequiredService<Scoped>() ? "same" : "other");
                    if (what != "scope")
                        throw new InvalidOperationException("boom");
                    break;
            }
        }
    }
}
