namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>A consumer behind a <see cref="RedisSource"/>.</summary>
internal interface IRedisConsumer : IBrokerConsumer
{
    /// <summary>Begins.</summary>
    /// <param name="emit">Gives a batch to the stage, once for each pull.</param>
    /// <param name="end">Ends the stage: with an error, or completed.</param>
    void Start(Action<IReadOnlyList<Delivery>> emit, Action<Exception?> end);

    /// <summary>The stage has room for a batch.</summary>
    void Pull();
}
