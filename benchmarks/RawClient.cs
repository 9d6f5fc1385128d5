namespace Dramatiq.Akka.Benchmarks;

/// <summary>The same duties done by a broker's client alone, for <c>--raw</c>.</summary>
internal abstract class RawClient : IAsyncDisposable
{
    /// <summary>What the figures are called.</summary>
    public abstract string Name { get; }

    /// <summary>Messages enqueued a second.</summary>
    public abstract Task<double> EnqueueRateAsync(int messages);

    /// <summary>Messages drained a second, from a queue that was filled before.</summary>
    public abstract Task<double> DrainRateAsync(int messages, int concurrency);

    /// <summary>Seconds for tasks that wait, from a queue that was filled before.</summary>
    public abstract Task<double> WaitSecondsAsync(int messages, int concurrency, int waitMs);

    /// <summary>Milliseconds from sending to receiving, sorted.</summary>
    public abstract Task<List<double>> LatenciesAsync(int messages, TimeSpan interval);

    public abstract ValueTask DisposeAsync();

    public static async Task<RawClient> ConnectAsync(string url) => url switch
    {
        _ when url.StartsWith("amqp", StringComparison.Ordinal) => new RabbitMq(await RawRabbitMq.ConnectAsync(url)),
        _ when url.StartsWith("redis", StringComparison.Ordinal) => new Redis(await RawRedis.ConnectAsync(url)),
        _ => throw new ArgumentException($"Broker '{url}' has no client to compare with: leave --raw out."),
    };

    private sealed class RabbitMq(RawRabbitMq raw) : RawClient
    {
        public override string Name => "RabbitMQ.Client alone";

        public override async Task<double> EnqueueRateAsync(int messages) => messages / await raw.PublishAsync(messages);

        public override async Task<double> DrainRateAsync(int messages, int concurrency) => messages / await raw.DrainAsync(messages, concurrency, null);

        public override async Task<double> WaitSecondsAsync(int messages, int concurrency, int waitMs)
        {
            await raw.PublishAsync(messages);
            return await raw.DrainAsync(messages, concurrency, () => Task.Delay(waitMs));
        }

        public override async Task<List<double>> LatenciesAsync(int messages, TimeSpan interval)
        {
            await raw.LatencyAsync(200, interval);
            return await raw.LatencyAsync(messages, interval);
        }

        public override ValueTask DisposeAsync() => raw.DisposeAsync();
    }

    private sealed class Redis(RawRedis raw) : RawClient
    {
        public override string Name => "StackExchange.Redis alone";

        public override Task<double> EnqueueRateAsync(int messages) => raw.EnqueueAsync(messages);

        public override Task<double> DrainRateAsync(int messages, int concurrency) => raw.DrainAsync(messages);

        public override Task<double> WaitSecondsAsync(int messages, int concurrency, int waitMs) => raw.WaitAsync(messages, concurrency, waitMs);

        public override Task<List<double>> LatenciesAsync(int messages, TimeSpan interval) => raw.LatencyAsync(messages, interval);

        public override ValueTask DisposeAsync() => raw.DisposeAsync();
    }
}
