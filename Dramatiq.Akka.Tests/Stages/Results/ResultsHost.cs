using System.Text;
using Akka.Hosting;
using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Results;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Stages.Results;

/// <summary>A host that stores results in a memory which the test can look into, make fail, or hold up.</summary>
internal sealed class ResultsHost : IAsyncDisposable
{
    private ResultsHost(VirtualHost host, ScriptedResults store)
    {
        Host = host;
        Store = store;
    }

    public VirtualHost Host { get; }

    public ScriptedResults Store { get; }

    public static async Task<ResultsHost> StartAsync(Action<DramatiqBuilder> configure, string hocon = "", InMemoryBroker? broker = null, FakeTimeProvider? clock = null)
    {
        clock ??= new FakeTimeProvider();
        var store = new ScriptedResults(clock);
        var host = await VirtualHost.StartAsync(
            d =>
            {
                d.AddResults(store);
                configure(d);
            },
            hocon: hocon, clock: clock, broker: broker);
        return new ResultsHost(host, store);
    }

    /// <summary>Runs a call of "work" to its end, and gives what is stored; null for nothing.</summary>
    public async Task<string?> RunAsync(string options = "{}", string actor = "work")
    {
        var enqueued = await Host.EnqueueAsync(new ActorCall(actor), options);
        await Host.JoinAsync(failFast: false);
        return await StoredAsync(ResultKey.Of(enqueued));
    }

    /// <summary>The same with a clock that runs on, for what waits without a delayed message.</summary>
    public async Task<string?> RunTickingAsync()
    {
        var enqueued = await Host.CallAsync("work");
        var joined = Host.Host.JoinAsync(failFast: false);
        var writer = await Host.Host.System.ActorSelection("/user/dramatiq-results").ResolveOne(Eventually.Patience);
        while (!joined.IsCompleted)
        {
            Host.Clock.Advance(TimeSpan.FromMilliseconds(100));
            // The writer keeps up with the clock: else a store would seem to be away that the machine alone made wait. Twice, since it tells itself how a call has ended.
            await writer.Ask<ActorIdentity>(new Identify(null), Eventually.Patience);
            await writer.Ask<ActorIdentity>(new Identify(null), Eventually.Patience);
            await Task.Delay(1);
        }

        await joined;
        return await StoredAsync(ResultKey.Of(enqueued));
    }

    /// <summary>Has a message delivered that no gateway has seen, and gives what is stored once it is settled.</summary>
    public async Task<string?> DeliverAsync(string actor, string options)
    {
        var message = new Message("default", actor, "[]"u8.ToArray(), "{}"u8.ToArray(), VirtualHost.Options(options), Message.NewId(), Host.NowMs);
        await Host.Broker.PublishAsync([new(message, null)], CancellationToken.None);
        await Host.JoinAsync(failFast: false);
        return await StoredAsync(ResultKey.Of(message));
    }

    public async Task<string?> StoredAsync(ResultKey key) => await Store.FindAsync(key, CancellationToken.None) is { } stored ? Encoding.UTF8.GetString(stored.Span) : null;

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

/// <summary>Results in memory, with a say of the test's in each storing.</summary>
internal sealed class ScriptedResults(TimeProvider time) : IResultBackend
{
    private readonly InMemoryResultBackend _memory = new(time);
    private int _calls;

    /// <summary>How often it was asked to store, one or many.</summary>
    public int Calls => _calls;

    public int Count => _memory.Count;

    /// <summary>Awaited before anything is stored; what it throws is what the call throws.</summary>
    public Func<IReadOnlyList<ResultToStore>, Task> OnStore { get; set; } = static _ => Task.CompletedTask;

    public ValueTask StoreAsync(ResultKey key, ReadOnlyMemory<byte> json, TimeSpan ttl, CancellationToken cancellationToken) => StoreManyAsync([new(key, json, ttl)], cancellationToken);

    public async ValueTask StoreManyAsync(IReadOnlyList<ResultToStore> results, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        var copy = results.ToArray();
        await OnStore(copy);
        foreach (var result in copy)
            await _memory.StoreAsync(result.Key, result.Json, result.Ttl, cancellationToken);
    }

    public ValueTask<ReadOnlyMemory<byte>?> FindAsync(ResultKey key, CancellationToken cancellationToken) => _memory.FindAsync(key, cancellationToken);

    public Task<ReadOnlyMemory<byte>> WaitAsync(ResultKey key, CancellationToken cancellationToken) => _memory.WaitAsync(key, cancellationToken);

    public ValueTask DisposeAsync() => _memory.DisposeAsync();
}
