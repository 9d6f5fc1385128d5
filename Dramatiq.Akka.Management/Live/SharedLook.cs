using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Live;

/// <summary>An inspection that looks at all queues once for all who ask within a moment: every event brings every open page, and a look costs the broker a question for each queue.</summary>
/// <param name="inner">Who is asked.</param>
/// <param name="life">How long a look holds; an order ends it, so that nobody misses what he has just done.</param>
/// <param name="time">Measures it.</param>
internal sealed class SharedLook(IInspection inner, TimeSpan life, TimeProvider time) : IInspection
{
    private readonly Lock _lock = new();
    private Task<QueueList>? _look;
    private long _begun;

    public async Task<TAnswer> AskAsync<TAnswer>(IQuestion<TAnswer> question, CancellationToken cancellationToken = default)
    {
        if (question is GetQueues queues)
            return (TAnswer)(object)await Look(queues).WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await inner.AskAsync(question, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (question is IOrder)
                Forget();
        }
    }

    /// <summary>Nobody's in particular: who goes away does not end it for the others.</summary>
    private Task<QueueList> Look(GetQueues question)
    {
        lock (_lock)
        {
            if (_look is { IsFaulted: false } look && (!look.IsCompleted || time.GetElapsedTime(_begun) < life))
                return look;

            _begun = time.GetTimestamp();
            return _look = inner.AskAsync(question, CancellationToken.None);
        }
    }

    private void Forget()
    {
        lock (_lock)
            _look = null;
    }
}
