using Akka.Event;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

// Joining --heartbeat known--> Fetching <--nothing there | something came--> Waiting ; outcome unknown --> Reconciling --> Fetching
// any --Stop--> Stopped (settles on) --Close--> Closed ; any --lease lapsed--> Closed with an error
internal sealed class RedisConsumer(RedisParts parts, string queue, int prefetch) : IRedisConsumer, IFreesCredit
{
    /// <summary>Nobody relies on this: a change that the server did not tell of, for whatever reason, is found all the same.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Signal _moved = new();
    private readonly HeldMessages _held = new(prefetch);
    private readonly Lock _gate = new();
    private Action<IReadOnlyList<Delivery>> _emit = static _ => { };
    private Action<Exception?> _end = static _ => { };
    private Task _pump = Task.CompletedTask;
    private Task? _closing;
    private Lease? _lease;
    private SettlementWriter? _writer;
    private volatile bool _demand;
    private volatile bool _closed;

    public void Start(Action<IReadOnlyList<Delivery>> emit, Action<Exception?> end)
    {
        lock (_gate)
        {
            (_emit, _end) = (emit, end);
            if (_closed)
                end(null);
            else
                _pump = Task.Run(PumpAsync, CancellationToken.None);
        }
    }

    public void Pull()
    {
        _demand = true;
        _moved.Set();
    }

    public async ValueTask SettleAsync(IReadOnlyList<Settlement> settlements)
    {
        if (_closed || _lease is not { } lease || _writer is not { } writer) throw Closed();
        var batch = _held.BeginSettling(this, settlements);
        if (batch.Count == 0) return;
        var writing = writer.WriteAsync(batch, lease);
        _moved.Set();   // their credit is free: a fetch goes out on the same connection behind the order, and neither waits for the other's answer
        await writing.ConfigureAwait(false);
        _held.Settled(batch);
    }

    public void Finished(IReadOnlyList<Delivery> deliveries)
    {
        _held.Finish(this, deliveries);
        _moved.Set();
    }

    public async ValueTask StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _moved.Set();
        await _pump.ConfigureAwait(false);
    }

    public ValueTask CloseAsync()
    {
        lock (_gate) return new ValueTask(_closing ??= CloseOnceAsync());
    }

    private async Task CloseOnceAsync()
    {
        _closed = true;
        await StopAsync().ConfigureAwait(false);
        if (_lease is { } lease)
        {
            parts.Leases.Leave(lease);
            await LeaveAsync(lease).ConfigureAwait(false);
        }

        _end(null);
    }

    /// <summary>What is held goes back. If the server is away for longer than the lease lasts, somebody else gives it back.</summary>
    private async Task LeaveAsync(Lease lease)
    {
        var keys = parts.Keys;
        RedisValue[] args = [lease.Worker, RedisSettings.DeliveryCountTtlMs, .. _held.Ids()];
        RedisKey[] touched = [keys.Heartbeats, keys.Held(lease.Worker, queue), keys.Ids(queue), keys.Bodies(queue), keys.Deliveries(queue)];
        try
        {
            await parts.PersistAsync(() => parts.Link.RunAsync(RedisScript.Leave, touched, args), lease, parts.Settings.CommandTimeout).ConfigureAwait(false);
        }
        catch (BrokerException error)
        {
            parts.Log.Warning("Queue {0}: a consumer could not give back {1} messages; they go back when it has been silent for {2} ms: {3}",
                queue, args.Length - 2, parts.Settings.HeartbeatTimeoutMs, error.Message);
        }
    }

    private async Task PumpAsync()
    {
        try
        {
            var lease = await parts.Leases.JoinAsync(OnLapsed).ConfigureAwait(false);
            _writer = new SettlementWriter(parts, queue);
            _lease = lease;
            await FetchAllAsync(lease).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
        catch (Exception error)
        {
            _end(error);
        }
    }

    private async Task FetchAllAsync(Lease lease)
    {
        var fetcher = new Fetcher(parts, queue, this, _held);
        var misses = 0;
        while (!_stopping.IsCancellationRequested)
        {
            var free = _held.Credit;
            if (!_demand || free <= 0)
            {
                await _moved.WaitAsync().ConfigureAwait(false);
                continue;
            }

            var wanted = Math.Min(free, parts.Settings.FetchSize);
            var (batch, found) = await fetcher.FetchAsync(lease, wanted, _stopping.Token).ConfigureAwait(false);
            if (batch.Length > 0)
            {
                misses = 0;
                _demand = false;
                _emit(batch);
            }

            if (found < wanted) misses = await IdleAsync(misses).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until there may be something. With a batch just emitted it need not wait for credit: the list is what matters.</summary>
    private async Task<int> IdleAsync(int misses)
    {
        var watched = await parts.WakeUps.WatchAsync(parts.Keys.Ids(queue), misses, _stopping.Token).ConfigureAwait(false);
        if (watched.Length > 0) return 0;
        try
        {
            await watched.Changed.WaitAsync(LongestWait, _stopping.Token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Looked at again all the same.
        }

        return misses + 1;
    }

    private void OnLapsed() => _end(Fetcher.Lapsed(queue));

    private BrokerConnectionException Closed() =>
        new($"The consumer of queue '{queue}' is closed; what it had not settled is back in the queue.");
}
