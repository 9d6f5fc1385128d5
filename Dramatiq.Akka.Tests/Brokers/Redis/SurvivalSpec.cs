using System.Collections.Concurrent;
using System.Diagnostics;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.Contracts;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>What a worker and its server live through without losing a message. On a server of its own, which is cut off and restarted.</summary>
public sealed class SurvivalSpec(RedisServer server) : RedisFixture(server), IClassFixture<RedisServer>
{
    [Fact]
    public async Task Ten_cuts_in_a_drain_of_20000_must_lose_nothing()
    {
        const int count = 20_000;
        var broker = await NewBrokerAsync();
        foreach (var chunk in Enumerable.Range(0, count).Chunk(1_000))
            await PublishCallsAsync(broker, "note", [.. chunk]);

        var runs = new ConcurrentDictionary<int, int>();
        var total = 0;
        await using var host = await RedisHost.StartAsync(Options(), d =>
        {
            d.Options.Queues.Workers = 8;
            d.Options.Queues.Prefetch = 256;
            d.AddActor("note", (int n) =>
            {
                runs.AddOrUpdate(n, 1, static (_, times) => times + 1);
                Interlocked.Increment(ref total);
            }, static o => o.Queue("q"));
        });
        for (var cut = 1; cut <= 10; cut++)
        {
            await EventuallyAsync(() => Task.FromResult(Volatile.Read(ref total) > cut * 1_500), $"{cut * 1_500} have run");
            await Server.CutConnectionsAsync();
        }

        await EventuallyAsync(async () => runs.Count == count && await Database.HashLengthAsync(Key("q.msgs")) == 0, "all have run and are acked");
        Assert.InRange(total - count, 0, count / 100);
        Assert.Equal(0, await Database.ListLengthAsync(Key("q")));
        Assert.Equal(0, await Database.SortedSetLengthAsync(Key("q.XQ")));
    }

    [Fact]
    public async Task Enqueueing_must_go_on_after_cuts_and_report_no_loss()
    {
        await using var host = await RedisHost.StartAsync(Options(), static d => d.AddRemoteActor("note", "q"));
        var sent = 0;
        for (var round = 0; round < 10; round++)
        {
            var calls = Enumerable.Range(sent, 200).Select(static n => (object)new ActorCall("note", n)).ToArray();
            var enqueueing = host.Queue.EnqueueManyAsync(calls);
            await Server.CutConnectionsAsync();
            await enqueueing;
            sent += calls.Length;
        }

        var distinct = (await Database.HashValuesAsync(Key("q.msgs"))).Select(static body => Message.Decode((ReadOnlyMemory<byte>)body).MessageId).Distinct().Count();
        Assert.Equal(sent, distinct);
    }

    [Fact]
    public async Task A_restart_of_the_server_must_lose_nothing()
    {
        if (!Server.IsPrivate) return;
        const int count = 5_000;
        var runs = new ConcurrentDictionary<int, int>();
        await using var host = await RedisHost.StartAsync(Options(), d =>
        {
            d.Options.GatewayTimeout = TimeSpan.FromMinutes(2);
            d.AddActor("note", async (int n) =>
            {
                await Task.Delay(1);
                runs.AddOrUpdate(n, 1, static (_, times) => times + 1);
            }, static o => o.Queue("q"));
        });
        var enqueueing = host.Queue.EnqueueManyAsync(Enumerable.Range(0, count).Select(static n => (object)new ActorCall("note", n)));
        await EventuallyAsync(() => Task.FromResult(runs.Count > 500), "some have run");
        await Server.RestartAsync();
        await enqueueing;
        await EventuallyAsync(() => Task.FromResult(runs.Count == count), "all have run");
        await host.Queue.EnqueueAsync(new ActorCall("note", count));
        await EventuallyAsync(() => Task.FromResult(runs.ContainsKey(count)), "what came after the restart runs as well");
    }

    [Fact]
    public async Task A_server_that_forgot_its_scripts_must_be_told_again()
    {
        var broker = await NewBrokerAsync();
        var reader = Consume(broker);
        for (var i = 0; i < 3; i++)
        {
            await Database.ExecuteAsync("SCRIPT", "FLUSH");
            await PublishAsync(broker, null, $"{i}");
            await Database.ExecuteAsync("SCRIPT", "FLUSH");
            var delivery = await reader.ReadAsync();
            Assert.Equal($"{i}", DeliveryReader.Id(delivery));
            await Database.ExecuteAsync("SCRIPT", "FLUSH");
            await reader.AckAsync(delivery);
        }

        Assert.Equal(0, await Database.HashLengthAsync(Key("q.msgs")));
    }

    [Fact]
    public async Task A_server_that_forgot_everything_must_be_joined_anew()
    {
        var ran = new ConcurrentQueue<int>();
        await using var host = await RedisHost.StartAsync(Options(static options => options.HeartbeatTimeout = TimeSpan.FromSeconds(1)), d =>
            d.AddActor("note", ran.Enqueue, static o => o.Queue("q")));
        await EventuallyAsync(() => Database.KeyExistsAsync(Key("__heartbeats__")), "the worker has joined");
        await Database.ExecuteAsync("FLUSHALL");
        await host.Queue.EnqueueAsync(new ActorCall("note", 1));
        await EventuallyAsync(() => Task.FromResult(!ran.IsEmpty), "it has run");
    }

    [Fact]
    public async Task Messages_of_a_killed_worker_must_run_elsewhere_within_the_heartbeat_timeout()
    {
        var timeout = TimeSpan.FromSeconds(2);
        await using var victim = WorkerProcess.Start(Server.Url, Namespace, timeout);
        var broker = await NewBrokerAsync(options => options.HeartbeatTimeout = timeout);
        await PublishCallsAsync(broker, "hang", null);
        while (await victim.ReadLineAsync() is { } line && line != "hang")
        {
        }

        await PublishCallsAsync(broker, "note", 1, 2, 3);
        var ran = new ConcurrentQueue<string>();
        await using var other = await RedisHost.StartAsync(Options(options => options.HeartbeatTimeout = timeout), d =>
        {
            d.AddActor("hang", () => ran.Enqueue("hang"), static o => o.Queue("q"));
            d.AddActor("note", (int n) => ran.Enqueue($"note {n}"), static o => o.Queue("q"));
        });
        victim.Kill();
        var clock = Stopwatch.StartNew();
        await EventuallyAsync(() => Task.FromResult(ran.Contains("hang")), "what the killed worker held runs elsewhere");
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, timeout + TimeSpan.FromSeconds(10));   // sooner than an idle consumer looks again by itself
    }

    [Fact]
    public async Task A_terminated_worker_must_finish_what_it_has_and_leave_the_rest()
    {
        const int count = 2_000;
        await using var worker = WorkerProcess.Start(Server.Url, Namespace, TimeSpan.FromSeconds(60));
        await PublishCallsAsync(await NewBrokerAsync(), "note", [.. Enumerable.Range(0, count)]);
        var ran = new HashSet<string>();
        while (await worker.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("note", StringComparison.Ordinal) && ran.Add(line) && ran.Count == 50) await worker.TerminateAsync();
        }

        await worker.WaitForExitAsync();
        Assert.Equal(0, worker.ExitCode);
        Assert.InRange(ran.Count, 50, count);
        Assert.Equal(count - ran.Count, await Database.ListLengthAsync(Key("q")));
        Assert.Equal(count - ran.Count, await Database.HashLengthAsync(Key("q.msgs")));
        Assert.False(await Database.KeyExistsAsync(Key("__heartbeats__")));
        Assert.False(await Database.KeyExistsAsync(Key("deliveries:q")));
    }

    [Fact]
    public async Task Garbage_must_be_dead_lettered_alone()
    {
        var ran = new ConcurrentQueue<int>();
        await WriteAsPythonAsync("broken", body: "{");
        await WriteAsPythonAsync("empty", body: "");
        await Database.ListRightPushAsync(Key("q"), "hole");
        await PublishCallsAsync(await NewBrokerAsync(), "note", 1);
        await using var host = await RedisHost.StartAsync(Options(), d => d.AddActor("note", ran.Enqueue, static o => o.Queue("q")));
        await EventuallyAsync(async () => await Database.SortedSetLengthAsync(Key("q.XQ")) == 2 && await Database.HashLengthAsync(Key("q.msgs")) == 0, "garbage is dead, the rest done");
        Assert.Equal([1], ran);
        await EndToEnd.Eventually.AssertAsync(() =>
            Assert.Equal(2, host.Log.Of(Microsoft.Extensions.Logging.LogLevel.Error).Count(static line => line.Contains("since it is no message", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_message_that_brings_workers_down_must_be_dead_lettered_with_the_reason()
    {
        var broker = await NewBrokerAsync();
        await PublishCallsAsync(broker, "note", 1);
        for (var death = 0; death < 3; death++)
        {
            var id = await Database.ListLeftPopAsync(Key("q"));
            var worker = Guid.NewGuid().ToString();
            await Database.SetAddAsync(Key($"__acks__.{worker}.q"), id);
            await Database.SortedSetAddAsync(Key("__heartbeats__"), worker, 1);
            var caretaker = await NewBrokerAsync();
            await caretaker.DeclareQueueAsync("other", CancellationToken.None);
            Consume(caretaker, "other");
            await EventuallyAsync(async () => await Database.ListLengthAsync(Key("q")) == 1, "another worker has put it back");
        }

        await using var host = await RedisHost.StartAsync(Options(), static d =>
        {
            d.Options.MaxDeliveries = 3;
            d.AddActor("note", static (int n) => { }, static o => o.Queue("q"));
        });
        await EventuallyAsync(async () => await Database.SortedSetLengthAsync(Key("q.XQ")) == 1, "it is dead");
        var letter = (string)(await Database.HashValuesAsync(Key("q.XQ.msgs"))).Single()!;
        Assert.Contains("it was handed to a worker 3 times without coming to an end (max-deliveries is 3)", letter, StringComparison.Ordinal);
    }

    private static async Task PublishCallsAsync(RedisBroker broker, string actor, params int[]? arguments)
    {
        var calls = (arguments is null ? (IEnumerable<string>)["[]"] : arguments.Select(static n => $"[{n}]")).Select(args => new Publication(new Message(
            "q", actor, System.Text.Encoding.ASCII.GetBytes(args), "{}"u8.ToArray(), MessageOptions.Empty, Message.NewId(), 1_700_000_000_000), null)).ToArray();
        Assert.True((await broker.PublishAsync(calls, CancellationToken.None)).AllConfirmed);
    }
}
