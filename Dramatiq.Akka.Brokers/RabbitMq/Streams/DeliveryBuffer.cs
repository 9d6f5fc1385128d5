namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

/// <summary>Deliveries on their way from the connection's thread to the stage: as many as the credit at the most.</summary>
internal sealed class DeliveryBuffer<T>
{
    private readonly Lock _gate = new();
    private List<T> _arrived = [];
    private bool _isAwaited;

    /// <summary>Makes the stage come and take. Called once for each time it found nothing.</summary>
    public Action Wake { get; set; } = static () => { };

    public void Add(T element)
    {
        lock (_gate)
        {
            _arrived.Add(element);
            if (!_isAwaited)
                return;
            _isAwaited = false;
        }

        Wake();
    }

    /// <summary>What has arrived; null when that is nothing, and then the next arrival wakes.</summary>
    public IReadOnlyList<T>? TakeOrWait()
    {
        lock (_gate)
        {
            if (_arrived.Count == 0)
            {
                _isAwaited = true;
                return null;
            }

            var batch = _arrived;
            _arrived = new List<T>(Math.Min(batch.Count, 256));
            return batch;
        }
    }
}
