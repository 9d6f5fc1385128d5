namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>The consumer of a queue that nobody declared.</summary>
internal sealed class FailedConsumer(QueueNotFoundException error) : IRedisConsumer
{
    public void Start(Action<IReadOnlyList<Delivery>> emit, Action<Exception?> end) => end(error);

    public void Pull()
    {
    }

    public ValueTask SettleAsync(IReadOnlyList<Settlement> settlements) =>
        ValueTask.FromException(new BrokerConnectionException("The consumer never started: " + error.Message, error));

    public ValueTask StopAsync() => ValueTask.CompletedTask;

    public ValueTask CloseAsync() => ValueTask.CompletedTask;
}
