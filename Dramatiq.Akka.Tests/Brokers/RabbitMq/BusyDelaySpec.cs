using System.Collections.Concurrent;
using System.Text.Json;
using Dramatiq.Akka.Messages;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Xunit.Abstractions;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

/// <summary>Delayed messages while the same server is kept busy with another queue.</summary>
[Collection(RabbitMqCollection.Name)]
public sealed class BusyDelaySpec(SharedRabbitMq shared, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Delayed = 2_000;
    private const int Together = 50;
    private const int Work = 4;
    private const int Queues = 6;   // ten seconds are 40 units: five levels at the most, and the queue itself
    private readonly string _queue = "due_" + Guid.NewGuid().ToString("N");
    private readonly string _foreign = "foreign_" + Guid.NewGuid().ToString("N");
    private readonly string _busy = "busy_" + Guid.NewGuid().ToString("N");
    private readonly ConcurrentQueue<double> _late = new();
    private readonly ConcurrentQueue<double> _probes = new();
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _drained;

    public Task InitializeAsync()
    {
        _ = shared.Server;
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        foreach (var queue in new[] { _queue, _foreign, _busy })
            await shared.Server.DeleteQueuesAsync(queue);
    }

    /// <summary>
    /// "Within a second" is of the ladder, not of a machine that does other things at the same time. A delayed message passes up to six queues, and where the server
    /// is short of processors it falls behind with those some four times as far as with an undelayed one. So four times what six undelayed ones took together, sent all the while through the same server, is
    /// added to the second: a quarter of a second on an idle machine, and seconds on one that has nothing left for the server. A ladder that is late makes no undelayed message late: it has nothing to hide behind.
    /// </summary>
    [Fact]
    public async Task Two_thousand_messages_must_come_at_their_times_to_a_worker_and_to_any_other_consumer()
    {
        await using var host = await RabbitMqHost.StartAsync(shared.Server.Url, d =>
        {
            d.Options.Queues.Workers = 8;
            d.Options.Queues.Prefetch = 128;
            d.AddActor("arrive", (long due, bool isProbe) => Arrived(due, isProbe), o => o.Queue(_queue));
            d.AddActor("work", (int n) => { Interlocked.Increment(ref _drained); }, o => o.Queue(_busy));
            d.AddRemoteActor("elsewhere", _foreign);
        });
        await host.Queue.EnqueueAsync(new ActorCall("elsewhere", Now, true));
        await using var connection = await shared.Server.Factory().CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await ConsumeAsync(channel);

        using var over = new CancellationTokenSource();
        var load = Task.WhenAll(KeepBusyAsync(host.Queue, over.Token), ProbeAsync(host.Queue, over.Token));
        var random = new Random(7);
        for (var sent = 0; sent < Delayed; sent += Together)   // not all at once, or they would wait for their turn to be published
            await host.Queue.EnqueueManyAsync(Enumerable.Range(sent, Together).Select(number => Later(number, random.Next(1_000, 10_001))));
        await _all.Task.WaitAsync(TimeSpan.FromSeconds(90));
        var drained = Volatile.Read(ref _drained);
        await over.CancelAsync();
        await load;

        var late = _late.Order().ToArray();
        var probes = _probes.ToArray();
        var slowness = Percentile([.. Enumerable.Range(0, 1_000).Select(_ => Enumerable.Range(0, Queues).Sum(_ => probes[random.Next(probes.Length)])).Order()], 0.99);
        output.WriteLine($"{Delayed} delayed: {late[0]:0} to {late[^1]:0} ms late, p50 {Percentile(late, 0.5):0}, p99 {Percentile(late, 0.99):0}; {probes.Length} undelayed: p50 {Percentile([.. probes.Order()], 0.5):0} ms, six together p99 {slowness:0} ms; {drained} others drained meanwhile.");
        Assert.Equal(Delayed, late.Length);
        Assert.InRange(late[0], -5, double.MaxValue);   // two clocks that count in whole milliseconds
        Assert.InRange(Percentile(late, 0.99), 0, 1_000 + Work * slowness);
        Assert.True(drained > Delayed, "The server was not busy.");
    }

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private static double Percentile(double[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];

    /// <summary>Half of them for a worker, half for a consumer that knows nothing of delays.</summary>
    private static Enqueue Later(int number, int delayMs)
    {
        var due = TimeProvider.System.GetUtcNow().AddMilliseconds(delayMs);
        return new Enqueue(new ActorCall(number % 2 == 0 ? "arrive" : "elsewhere", due.ToUnixTimeMilliseconds(), false)) { At = due };
    }

    private void Arrived(long due, bool isProbe)
    {
        (isProbe ? _probes : _late).Enqueue(Now - due);
        if (_late.Count == Delayed)
            _all.TrySetResult();
    }

    /// <summary>As Python's worker would: from the queue, with nothing in the message that says that it was delayed.</summary>
    private async Task ConsumeAsync(IChannel channel)
    {
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (sender, delivery) =>
        {
            using var body = JsonDocument.Parse(delivery.Body);
            Assert.Equal(_foreign, body.RootElement.GetProperty("queue_name").GetString());
            Assert.False(body.RootElement.GetProperty("options").TryGetProperty("eta", out _));
            var args = body.RootElement.GetProperty("args");
            Arrived(args[0].GetInt64(), args[1].GetBoolean());
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(_foreign, autoAck: true, consumer);
    }

    private static async Task KeepBusyAsync(ITaskQueue queue, CancellationToken token)
    {
        for (var round = 0; !token.IsCancellationRequested; round++)
            await queue.EnqueueManyAsync(Enumerable.Repeat<object>(new ActorCall("work", round), 200), CancellationToken.None);
    }

    /// <summary>One each 20 ms, whether or not those before are confirmed: all that are due while the machine stands still are late, as the delayed ones are.</summary>
    private static async Task ProbeAsync(ITaskQueue queue, CancellationToken token)
    {
        var sent = new List<Task>();
        for (var due = Now; !token.IsCancellationRequested; due += 20)
        {
            if (due - Now is > 0 and var early)
                await Task.Delay((int)early, CancellationToken.None);
            sent.Add(queue.EnqueueAsync(new ActorCall("arrive", due, true), CancellationToken.None));
            sent.Add(queue.EnqueueAsync(new ActorCall("elsewhere", due, true), CancellationToken.None));
        }

        await Task.WhenAll(sent);
    }
}
