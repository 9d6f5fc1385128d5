using Akka.Streams;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.Contracts;
using StackExchange.Redis;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>Brokers on a namespace of the test's own, a look at the keys beneath, and what Python would write there.</summary>
public abstract class RedisFixture(RedisServer server) : IAsyncLifetime
{
    private readonly List<RedisBroker> _brokers = [];
    private ActorSystem _system = null!;

    protected RedisServer Server => server;

    protected IDatabase Database => server.Database;

    protected string Namespace { get; } = "test-" + Guid.NewGuid().ToString("N");

    /// <summary>For a server that is there, and slow with the machine.</summary>
    internal static TimeSpan CommandTimeout => TimeSpan.FromSeconds(30);

    protected static TimeSpan Deadline => TimeSpan.FromSeconds(60);

    protected IMaterializer Materializer { get; private set; } = null!;

    public Task InitializeAsync()
    {
        _system = ActorSystem.Create("redis-spec");
        Materializer = _system.Materializer();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _system.Terminate();
        foreach (var broker in _brokers) await broker.DisposeAsync();
    }

    protected RedisKey Key(string name) => $"{Namespace}:{name}";

    protected RedisOptions Options(Action<RedisOptions>? configure = null)
    {
        var options = new RedisOptions { Url = server.Url, Namespace = Namespace };
        configure?.Invoke(options);
        return options;
    }

    protected async Task<RedisBroker> NewBrokerAsync(Action<RedisOptions>? configure = null)
    {
        var broker = new RedisBroker(Options(options =>
        {
            options.CommandTimeout = CommandTimeout;
            configure?.Invoke(options);
        }));
        _brokers.Add(broker);
        await broker.DeclareQueueAsync("q", CancellationToken.None);
        return broker;
    }

    internal DeliveryReader Consume(RedisBroker broker, string queue = "q", int prefetch = 100) => DeliveryReader.Start(broker, queue, prefetch, Materializer);

    protected static Message NewMessage(string id, string queue = "q") => new(
        queue, "add", "[1,2]"u8.ToArray(), "{}"u8.ToArray(), MessageOptions.Empty, id, 1_700_000_000_000);

    protected static async Task PublishAsync(RedisBroker broker, long? eta = null, params string[] ids) =>
        Assert.True((await broker.PublishAsync([.. ids.Select(id => new Publication(NewMessage(id), eta))], CancellationToken.None)).AllConfirmed);

    /// <summary>What Python's enqueue leaves behind: an id at the end of the list, and the body beside it.</summary>
    protected async Task WriteAsPythonAsync(string id, string queue = "q", long? eta = null, RedisValue? body = null)
    {
        var options = MessageOptions.Empty.With(OptionNames.RedisMessageId, "redis-" + id);
        if (eta is { } due) options = options.With(OptionNames.Eta, due);
        await Database.HashSetAsync(Key(queue + ".msgs"), "redis-" + id, body ?? NewMessage(id, queue).With(options: options).Encode());
        await Database.ListRightPushAsync(Key(queue), "redis-" + id);
    }

    /// <summary>A worker as Python leaves it when it is killed: not heard of for long, with messages in its hands.</summary>
    protected async Task<string> LeaveDeadWorkerAsync(string queue, params string[] ids)
    {
        var worker = Guid.NewGuid().ToString();
        foreach (var id in ids)
        {
            await WriteAsPythonAsync(id, queue);
            await Database.ListRemoveAsync(Key(queue), "redis-" + id);
            await Database.SetAddAsync(Key($"__acks__.{worker}.{queue}"), "redis-" + id);
        }

        await Database.SortedSetAddAsync(Key("__heartbeats__"), worker, 1);
        return worker;
    }

    protected async Task<long> NowMsAsync()
    {
        var time = (RedisValue[])(await Database.ExecuteAsync("TIME"))!;
        return (long)time[0] * 1000 + (long)time[1] / 1000;
    }

    /// <summary>Waits for what another party does on its own. A server that cannot be asked at the moment, since it is starved or about to change its part, has not done it yet.</summary>
    internal static async Task EventuallyAsync(Func<Task<bool>> holds, string what)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!await HoldsAsync())
        {
            Assert.False(deadline.IsCancellationRequested, $"Never came true: {what}.");
            await Task.Delay(20, CancellationToken.None);
        }

        async Task<bool> HoldsAsync()
        {
            try
            {
                return await holds().WaitAsync(Deadline);
            }
            catch (Exception error) when (error is RedisException or TimeoutException)
            {
                return false;
            }
        }
    }
}

/// <summary>How the tests themselves ask a server.</summary>
internal static class Connecting
{
    /// <summary>As one that takes no slow server for a dead one, and leaves it alone between its questions.</summary>
    public static ConfigurationOptions WithPatience(this ConfigurationOptions options)
    {
        options.ConnectTimeout = options.SyncTimeout = options.AsyncTimeout = 60_000;
        options.KeepAlive = options.ConfigCheckSeconds = 600;
        return options;
    }
}
