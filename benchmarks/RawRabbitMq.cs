using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>The same duties by RabbitMQ.Client alone, on a queue of the same kind: bodies decoded, finished runs acked with one frame, confirms in flight.</summary>
internal sealed class RawRabbitMq : IAsyncDisposable
{
    private const int Prefetch = 256;
    private const int InFlight = 256;
    private readonly string _queue = "raw_" + Guid.NewGuid().ToString("N");
    private readonly IConnection _connection;

    private RawRabbitMq(IConnection connection) => _connection = connection;

    public static async Task<RawRabbitMq> ConnectAsync(string url)
    {
        var connection = await new ConnectionFactory { Uri = new Uri(url), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
        var raw = new RawRabbitMq(connection);
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync(raw._queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-dead-letter-exchange"] = "", ["x-dead-letter-routing-key"] = raw._queue + ".XQ" });
        return raw;
    }

    /// <summary>Fills the queue with confirms in flight, and answers how long that took.</summary>
    public async Task<double> PublishAsync(int messages)
    {
        await using var channel = await _connection.CreateChannelAsync(new CreateChannelOptions(true, false));
        using var places = new SemaphoreSlim(InFlight, InFlight);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var oldest = 1UL;
        var single = new SortedSet<ulong>();
        channel.BasicAcksAsync += (_, ack) =>
        {
            int freed;
            if (ack.Multiple)
            {
                freed = (int)(ack.DeliveryTag + 1 - oldest) - single.Count(tag => tag <= ack.DeliveryTag);
                single.RemoveWhere(tag => tag <= ack.DeliveryTag);
                oldest = ack.DeliveryTag + 1;
            }
            else
            {
                freed = 1;
                single.Add(ack.DeliveryTag);
                while (single.Remove(oldest))
                    oldest++;
            }

            places.Release(freed);
            if (oldest > (ulong)messages)
                done.TrySetResult();
            return Task.CompletedTask;
        };

        var clock = Stopwatch.StartNew();
        for (var i = 0; i < messages; i++)
        {
            await places.WaitAsync();
            await channel.BasicPublishAsync("", _queue, true, new BasicProperties { DeliveryMode = DeliveryModes.Persistent }, Body(i));
        }

        await done.Task;
        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>Drains what is there, <paramref name="concurrency"/> at a time, and answers how long that took.</summary>
    public async Task<double> DrainAsync(int messages, int concurrency, Func<Task>? work)
    {
        await using var channel = await _connection.CreateChannelAsync();
        await channel.BasicQosAsync(0, Prefetch, false);
        var finished = new bool[messages + 1];
        var (told, count) = (0UL, 0);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var places = new SemaphoreSlim(concurrency, concurrency);
        using var acking = new SemaphoreSlim(1, 1);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            using var message = JsonDocument.Parse(delivery.Body);
            _ = message.RootElement.GetProperty("args")[0].GetInt32();
            if (work is null)
                await FinishAsync(delivery.DeliveryTag);
            else
                await StartAsync(delivery.DeliveryTag);
        };
        var clock = Stopwatch.StartNew();
        await channel.BasicConsumeAsync(_queue, autoAck: false, consumer);
        await done.Task;
        return clock.Elapsed.TotalSeconds;

        async Task StartAsync(ulong tag)
        {
            await places.WaitAsync();
            _ = RunAsync();

            async Task RunAsync()
            {
                await work();
                places.Release();
                await FinishAsync(tag);
            }
        }

        async Task FinishAsync(ulong tag)
        {
            await acking.WaitAsync();
            try
            {
                finished[tag] = true;
                count++;
                var run = told;
                while (run + 1 < (ulong)finished.Length && finished[run + 1])
                    run++;
                if (run > told && (run - told >= Prefetch / 8 || count == messages || work is not null))
                {
                    told = run;
                    await channel.BasicAckAsync(run, multiple: true);
                }
            }
            finally
            {
                acking.Release();
            }

            if (count == messages)
                done.TrySetResult();
        }
    }

    /// <summary>Sends one message each interval to an idle consumer, and answers how long each took.</summary>
    public async Task<List<double>> LatencyAsync(int messages, TimeSpan interval)
    {
        var times = new ConcurrentQueue<double>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var connection = await new ConnectionFactory { Endpoint = _connection.Endpoint, AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
        await using var consuming = await connection.CreateChannelAsync();
        await consuming.BasicQosAsync(0, Prefetch, false);
        var consumer = new AsyncEventingBasicConsumer(consuming);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            using var message = JsonDocument.Parse(delivery.Body);
            times.Enqueue(Stopwatch.GetElapsedTime(message.RootElement.GetProperty("args")[0].GetInt64()).TotalMilliseconds);
            await consuming.BasicAckAsync(delivery.DeliveryTag, false);
            if (times.Count == messages)
                done.TrySetResult();
        };
        await consuming.BasicConsumeAsync(_queue, autoAck: false, consumer);
        await using var publishing = await _connection.CreateChannelAsync(new CreateChannelOptions(true, false));
        using var timer = new PeriodicTimer(interval);
        for (var i = 0; i < messages; i++)
        {
            await timer.WaitForNextTickAsync();
            await publishing.BasicPublishAsync("", _queue, true, new BasicProperties { DeliveryMode = DeliveryModes.Persistent }, Body(Stopwatch.GetTimestamp()));
        }

        await done.Task;
        return [.. times.Order()];
    }

    public async ValueTask DisposeAsync()
    {
        await using (var channel = await _connection.CreateChannelAsync())
            await channel.QueueDeleteAsync(_queue);
        await _connection.CloseAsync();
        await _connection.DisposeAsync();
    }

    private byte[] Body(long argument) => Encoding.UTF8.GetBytes(
        $$"""{"queue_name":"{{_queue}}","actor_name":"noop","args":[{{argument}}],"kwargs":{},"options":{},"message_id":"{{Guid.NewGuid()}}","message_timestamp":1795354555834}""");
}
