namespace Dramatiq.Akka.Tests.EndToEnd;

/// <summary>What happened, in order, for tests that wait until something has.</summary>
internal sealed class Feed<T>
{
    private readonly Lock _lock = new();
    private readonly List<T> _items = [];
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<T> All
    {
        get
        {
            lock (_lock)
                return [.. _items];
        }
    }

    public void Add(T item)
    {
        TaskCompletionSource added;
        lock (_lock)
        {
            _items.Add(item);
            added = _added;
            _added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        added.SetResult();
    }

    /// <summary>The first item that fits, from the past or to come.</summary>
    public async Task<T> FirstAsync(Func<T, bool> fits) => (await AtLeastAsync(1, fits))[0];

    /// <summary>Waits for this many items that fit.</summary>
    public async Task<IReadOnlyList<T>> AtLeastAsync(int count, Func<T, bool>? fits = null)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        while (true)
        {
            Task added;
            lock (_lock)
            {
                var found = _items.Where(fits ?? (static _ => true)).ToList();
                if (found.Count >= count)
                    return found;
                added = _added.Task;
            }

            await added.WaitAsync(patience.Token);
        }
    }
}
