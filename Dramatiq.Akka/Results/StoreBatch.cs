using Dramatiq.Akka.Brokers;

namespace Dramatiq.Akka.Results;

/// <summary>Orders that are with the store together. The writer's own: it is not touched by others while it is under way.</summary>
internal sealed class StoreBatch(int capacity)
{
    private readonly List<ResultToStore> _results = new(capacity);
    private readonly List<Delivery> _finished = new(capacity);
    private readonly List<IFreesCredit> _consumers = [];

    public List<StoreOrder> Orders { get; } = new(capacity);

    public void Add(StoreOrder order)
    {
        Orders.Add(order);
        _results.Add(order.Result);
        if (order.Finished is not { Consumer: IFreesCredit consumer } delivery)
            return;

        _finished.Add(delivery);
        if (!_consumers.Contains(consumer))
            _consumers.Add(consumer);
    }

    /// <summary>What is finished needs no credit while its result is on its way.</summary>
    public void FreeCredit()
    {
        for (var i = 0; i < _consumers.Count; i++)
            _consumers[i].Finished(_finished);
    }

    public async Task StoreAsync(IResultBackend backend, TimeSpan timeout, TimeProvider time)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        await backend.StoreManyAsync(_results, limit.Token).ConfigureAwait(false);
    }
}
