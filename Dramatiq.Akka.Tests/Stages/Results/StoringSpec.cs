using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Results;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Stages.Results;

/// <summary>Whose results are stored, for how long, and what waits for it.</summary>
public sealed class StoringSpec
{
    [Theory]
    [InlineData("off", null, "{}", false)]
    [InlineData("on", null, "{}", true)]
    [InlineData("on", false, "{}", false)]
    [InlineData("off", true, "{}", true)]
    [InlineData("off", true, """{"store_results":false}""", false)]
    [InlineData("on", false, """{"store_results":true}""", true)]
    [InlineData("on", true, """{"store_results":null}""", false)]
    [InlineData("off", null, """{"store_results":true}""", true)]
    [InlineData("off", null, """{"result_ttl":5000}""", false)]
    public async Task Message_must_be_asked_before_its_actor_and_that_before_the_default(string byDefault, bool? byActor, string byMessage, bool isStored)
    {
        await using var host = await ResultsHost.StartAsync(
            d => d.AddActor("work", static () => 1, a =>
            {
                if (byActor is { } store)
                    a.StoreResults(store);
            }),
            $"dramatiq.middleware.results.store-results = {byDefault}");
        Assert.Equal(isStored ? "1" : null, await host.RunAsync(byMessage));
    }

    [Theory]
    [InlineData(null, "{}", 60)]
    [InlineData(120, "{}", 120)]
    [InlineData(120, """{"result_ttl":30000}""", 30)]
    [InlineData(120, """{"result_ttl":"long"}""", 120)]
    public async Task Result_must_be_kept_as_long_as_message_actor_or_default_say(int? byActor, string byMessage, int seconds)
    {
        await using var host = await ResultsHost.StartAsync(
            d => d.AddActor("work", static () => 1, a =>
            {
                a.StoreResults();
                if (byActor is { } ttl)
                    a.ResultTtl(TimeSpan.FromSeconds(ttl));
            }),
            "dramatiq.middleware.results.result-ttl = 60s");
        Assert.Equal("1", await host.RunAsync(byMessage));
        host.Host.Clock.Advance(TimeSpan.FromSeconds(seconds - 1));
        Assert.Equal(1, host.Store.Count);
        host.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, host.Store.Count);
    }

    [Fact]
    public async Task Actor_without_results_must_not_meet_the_stage_and_its_result_not_be_written()
    {
        await using var host = await ResultsHost.StartAsync(static d => d
            .AddActor("work", static () => new Unwritable())
            .AddActor("stores", static () => 1, static a => a.StoreResults())
            .AddActor("followed", static () => 1, static a => a.StoreResults().OnSuccess("work")));
        Assert.Null(await host.RunAsync());
        Assert.Empty(host.Host.Broker.DeadLetters("default"));
        var stages = host.Host.Host.Tasks.Declarations.Actors.ToDictionary(static actor => actor.Name, static actor => actor.StageNames);
        Assert.DoesNotContain("Results", stages["work"]);
        Assert.DoesNotContain("Results", stages["stores"]);   // nothing follows: it is stored when the worker is done
        Assert.Equal("Results", stages["followed"][^1]);
    }

    [Fact]
    public async Task Options_of_results_must_be_refused_where_no_store_is_named()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => TestHost.StartAsync(static d => d.AddActor("work", static () => 1, static a => a.StoreResults())));
        Assert.Contains("option 'store_results' is owned by no middleware", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Middleware_that_is_added_must_come_before_Results_unless_it_is_put_after_it()
    {
        await using var host = await ResultsHost.StartAsync(static d => d
            .AddActor("work", static () => 1, static a => a.StoreResults().OnSuccess("work"))
            .AddMiddleware(new Named("A"))
            .AddMiddleware(new Named("B"), after: "Results"));
        Assert.Equal(["A", "Results", "B"], host.Host.Host.Tasks.Declarations.Actors.Single().StageNames.SkipWhile(static name => name != "A"));
    }

    [Fact]
    public async Task Nothing_must_be_settled_before_its_result_is_stored()
    {
        var entered = new TaskCompletionSource();
        var released = new TaskCompletionSource();
        await using var host = await ResultsHost.StartAsync(static d => d.AddActor("work", static () => 1, static a => a.StoreResults()).AddActor("other", static () => { }));
        host.Store.OnStore = _ =>
        {
            entered.TrySetResult();
            return released.Task;
        };
        await host.Host.CallAsync("work");
        await entered.Task;

        // The worker does not wait for the store.
        await Eventually.AssertAsync(async () => Assert.Equal(0, (await host.Host.Host.PoolAsync()).Busy));
        Assert.Equal(1, (await host.Host.Host.ConsumerAsync()).InFlight);
        Assert.DoesNotContain(host.Host.Signals.All, static signal => signal is Signals.BeforeAck);
        released.SetResult();
        await host.Host.JoinAsync();
        Assert.Equal(0, (await host.Host.Host.ConsumerAsync()).InFlight);
    }

    [Fact]
    public async Task What_follows_must_find_the_result_stored()
    {
        ResultsHost? host = null;
        var found = new Feed<string?>();
        host = await ResultsHost.StartAsync(d => d
            .AddActor("work", static () => 7, static a => a.StoreResults().OnSuccess("then"))
            .AddActor("then", async (JsonText message, int result) =>
            {
                _ = result;
                var about = Message.DecodeNested(message.Utf8);
                found.Add(await host!.StoredAsync(ResultKey.Of(about)));
            }));
        await using var started = host;
        var slow = true;
        host.Store.OnStore = async _ =>
        {
            if (slow)
                await Task.Delay(100);
            slow = false;
        };
        await host.RunAsync();
        Assert.Equal(["7"], found.All);
    }

    [Fact]
    public async Task Store_that_is_away_must_be_tried_again_and_the_handler_not_be_run_twice()
    {
        var runs = 0;
        await using var host = await ResultsHost.StartAsync(d => d.AddActor("work", () => ++runs, static a => a.StoreResults()), "dramatiq.results.store-timeout = 1h");
        var failures = 3;
        host.Store.OnStore = _ => failures-- > 0 ? throw new BrokerConnectionException("it is away") : Task.CompletedTask;
        Assert.Equal("1", await host.RunTickingAsync());
        Assert.Equal((1, 4), (runs, host.Store.Calls));
        await host.Host.Log.FirstAsync("Results cannot be stored; 1 messages are kept unsettled");
        await host.Host.Log.FirstAsync("Results are stored again.");
    }

    [Fact]
    public async Task Store_that_stays_away_must_send_the_message_back_to_its_queue()
    {
        var runs = 0;
        await using var host = await ResultsHost.StartAsync(d => d.AddActor("work", () => ++runs, static a => a.StoreResults()), "dramatiq.results.store-timeout = 20s");
        host.Store.OnStore = _ => Volatile.Read(ref runs) < 3 ? throw new BrokerConnectionException("it is away") : Task.CompletedTask;
        Assert.Equal("3", await host.RunTickingAsync());
        await host.Host.Log.FirstAsync("1 results could not be stored for ");
    }

    [Fact]
    public async Task None_must_wait_longer_for_a_store_that_is_away_because_another_waits_already()
    {
        var runs = new Feed<(int Number, DateTimeOffset At)>();
        ResultsHost? started = null;
        await using var host = started = await ResultsHost.StartAsync(
            d => d.AddActor("work", (int number) => runs.Add((number, started!.Host.Clock.GetUtcNow())), static a => a.StoreResults()),
            "dramatiq.results { store-timeout = 20s, batch-size = 1, max-batches = 1, retry-max = 1s }");
        host.Store.OnStore = static _ => throw new BrokerConnectionException("it is away");
        for (var number = 0; number < 4; number++)
        {
            await host.Host.CallAsync("work", number);
            await runs.AtLeastAsync(number + 1);
        }

        // Each runs again once its own time is over, however many are in front of it.
        await Eventually.AssertAsync(() =>
        {
            host.Host.Clock.Advance(TimeSpan.FromMilliseconds(40));   // what is late in real time may not lose much of the clock's
            Assert.Equal(4, runs.All.Where(run => run.At > runs.All[0].At).Select(static run => run.Number).Distinct().Count());
        });
        Assert.All(runs.All.GroupBy(static run => run.Number), static own => Assert.InRange(own.ElementAt(1).At - own.First().At, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(55)));
        host.Store.OnStore = static _ => Task.CompletedTask;
    }

    [Fact]
    public async Task Follow_up_must_not_be_enqueued_while_the_store_stays_away()
    {
        var (runs, followed) = (0, 0);
        await using var host = await ResultsHost.StartAsync(
            d => d.AddActor("work", () => ++runs, static a => a.StoreResults().OnSuccess("then")).AddActor("then", (JsonText _, int result) => { followed = result; }),
            "dramatiq.results.store-timeout = 20s");
        host.Store.OnStore = _ => Volatile.Read(ref runs) < 2 ? throw new BrokerConnectionException("it is away") : Task.CompletedTask;
        Assert.Equal("2", await host.RunTickingAsync());
        Assert.Equal(2, followed);
    }

    [Fact]
    public async Task Result_that_the_store_refuses_must_end_its_message_and_no_other()
    {
        await using var host = await ResultsHost.StartAsync(static d => d
            .AddActor("big", static () => "big", static a => a.StoreResults())
            .AddActor("work", static () => 1, static a => a.StoreResults()));
        host.Store.OnStore = static results => results.Any(static result => result.Key.ActorName == "big") ? throw new BrokerException("it is too big") : Task.CompletedTask;
        var all = await host.Host.Host.Queue.EnqueueManyAsync(Enumerable.Range(0, 40).Select(static number => new ActorCall(number == 20 ? "big" : "work")));
        await host.Host.JoinAsync(failFast: false);

        Assert.Equal(39, host.Store.Count);
        Assert.Equal("its result could not be stored: it is too big", host.Host.DeadNote().GetProperty("reason").GetString());
        Assert.Null(await host.StoredAsync(ResultKey.Of(all[20])));
    }

    [Fact]
    public async Task Results_of_many_workers_must_share_calls_to_the_store()
    {
        await using var host = await ResultsHost.StartAsync(static d =>
        {
            d.Options.Queues.Workers = 8;
            d.Options.Queues.Prefetch = 500;
            d.AddActor("work", static () => 1, static a => a.StoreResults());
        });
        host.Store.OnStore = static _ => Task.Delay(20);
        await host.Host.Host.Queue.EnqueueManyAsync(Enumerable.Repeat<object>(new ActorCall("work"), 500));
        await host.Host.JoinAsync();
        Assert.Equal(500, host.Store.Count);
        Assert.InRange(host.Store.Calls, 2, 250);
    }

    private sealed class Unwritable
    {
        public Unwritable Self => this;
    }

    private sealed class Named(string name) : Middleware
    {
        public override string Name => name;

        public override Props ProcessingStage => Props.Create(() => new Plain());
    }

    private sealed class Plain : Stage;
}
