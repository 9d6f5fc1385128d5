using System.Text;
using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.TestKit.Xunit2;
using Dramatiq.Akka.Brokers.RabbitMq.Streams;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq.Streams;

/// <summary>The AMQP source, flow and sink by themselves, on plain connections.</summary>
[Collection(RabbitMqCollection.Name)]
public sealed class AmqpStreamSpec(SharedRabbitMq shared) : TestKit, IAsyncLifetime
{
    private static readonly TimeSpan Soon = EndToEnd.Eventually.Patience;
    private readonly string _queue = "stream_" + Guid.NewGuid().ToString("N");
    private IConnection _connection = null!;
    private IChannel _channel = null!;

    public async Task InitializeAsync()
    {
        _connection = await shared.Server.Factory().CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync();
        await _channel.QueueDeclareAsync(_queue, durable: true, exclusive: false, autoDelete: false);
    }

    public async Task DisposeAsync()
    {
        await using var connection = await shared.Server.Factory().CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeleteAsync(_queue);
        await _connection.DisposeAsync();
    }

    [Fact]
    public async Task Sink_and_source_must_carry_messages_in_order()
    {
        var bodies = Enumerable.Range(0, 1_000).Select(static number => $"{number}").ToArray();
        await PublishAsync(bodies);
        var (subscription, reading) = Source(prefetch: 50)
            .SelectAsync(1, async message =>
            {
                await Task.Yield();
                return Encoding.UTF8.GetString(message.Body.Span);
            })
            .Take(0).ToMaterialized(Sink.Seq<string>(), Keep.Both).Run(Sys.Materializer());
        await reading.WaitAsync(Soon);
        Assert.Equal(AmqpEndKind.Closed, (await subscription.Completion.WaitAsync(Soon)).Kind);
        await AwaitAssertAsync(async () => Assert.Equal((uint)bodies.Length, await shared.Server.CountAsync(_queue)), Soon);   // they are back once its channel is closed

        var read = await ReadAndAckAsync(bodies.Length, prefetch: 50);
        Assert.Equal(bodies, read);
        Assert.Equal(0u, await shared.Server.CountAsync(_queue));
    }

    [Fact]
    public async Task Source_must_hold_no_more_than_its_credit()
    {
        await PublishAsync([.. Enumerable.Range(0, 30).Select(static number => $"{number}")]);
        var (subscription, queue) = AmqpSource.Committable(Connect, new AmqpSourceSettings(_queue, 10)).ToMaterialized(Sink.Queue<AmqpMessage>(), Keep.Both).Run(Sys.Materializer());
        for (var i = 0; i < 10; i++)
            Assert.True((await queue.PullAsync().WaitAsync(Soon)).HasValue);
        var eleventh = queue.PullAsync();
        Assert.Equal(20u, await shared.Server.CountAsync(_queue));
        Assert.False(eleventh.IsCompleted);
        await subscription.AckAsync(7);
        Assert.True((await eleventh.WaitAsync(Soon)).HasValue);
        await subscription.CloseAsync();
        await AwaitAssertAsync(async () => Assert.Equal(29u, await shared.Server.CountAsync(_queue)), Soon);
    }

    [Fact]
    public async Task Source_must_tell_a_cancelled_consumer()
    {
        var (subscription, done) = await RunningAsync();
        await _channel.QueueDeleteAsync(_queue);
        Assert.Equal(AmqpEndKind.ConsumerCancelled, (await subscription.Completion.WaitAsync(Soon)).Kind);
        await FailsWithAsync(done, AmqpEndKind.ConsumerCancelled);
    }

    [Fact]
    public async Task Source_must_tell_a_closed_channel()
    {
        var (subscription, done) = await RunningAsync();
        await subscription.Channel!.BasicAckAsync(4711, multiple: false);
        var end = await subscription.Completion.WaitAsync(Soon);
        Assert.Equal((AmqpEndKind.ChannelClosed, 406), (end.Kind, end.Code));
        await FailsWithAsync(done, AmqpEndKind.ChannelClosed);
    }

    [Fact]
    public async Task Source_must_tell_a_lost_connection()
    {
        await using var proxy = new CuttableProxy(shared.Server.Url);
        await using var connection = await new ConnectionFactory { Uri = new Uri(proxy.Url), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
        var (subscription, done) = await RunningAsync(_ => Task.FromResult(connection));
        proxy.Cut();
        Assert.Equal(AmqpEndKind.ConnectionLost, (await subscription.Completion.WaitAsync(Soon)).Kind);
        await FailsWithAsync(done, AmqpEndKind.ConnectionLost);
        await Assert.ThrowsAsync<AmqpEndedException>(async () => await subscription.AckAsync(1));
    }

    [Fact]
    public async Task Source_must_fail_when_the_queue_is_not_there()
    {
        var done = AmqpSource.Batches(Connect, new AmqpSourceSettings(_queue + "_nowhere", 1)).RunWith(Sink.Ignore<IReadOnlyList<AmqpMessage>>(), Sys.Materializer());
        var error = await Assert.ThrowsAnyAsync<Exception>(() => done.WaitAsync(Soon));
        Assert.Equal(404, Assert.IsType<AmqpEndedException>(Innermost(error)).End.Code);
    }

    [Fact]
    public async Task Flow_must_tell_what_no_queue_takes_and_publish_the_rest()
    {
        AmqpPublication[] publications = [Publication("a"), new("", _queue + "_nowhere", "lost"u8.ToArray()), Publication("b")];
        var published = await global::Akka.Streams.Dsl.Source.From(publications).Via(AmqpFlow.Confirmed(Connect)).RunWith(Sink.Seq<AmqpPublished>(), Sys.Materializer()).WaitAsync(Soon);
        Assert.Equal([true, false, true], published.Select(static one => one.Failure is null));
        Assert.True(published[1].Failure!.IsUnroutable);
        Assert.Equal(["a", "b"], await ReadAndAckAsync(2, prefetch: 5));
    }

    [Fact]
    public async Task Flow_must_keep_confirms_in_flight_and_no_more_than_allowed()
    {
        await using var proxy = new CuttableProxy(shared.Server.Url);
        await using var connection = await new ConnectionFactory { Uri = new Uri(proxy.Url), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
        var ended = global::Akka.Streams.Dsl.Source.Repeat(Publication("x"))
            .ViaMaterialized(AmqpFlow.Confirmed(_ => Task.FromResult(connection), new AmqpFlowSettings { MaxInFlight = 64 }), Keep.Right)
            .ToMaterialized(Sink.Ignore<AmqpPublished>(), Keep.Both).Run(Sys.Materializer());
        await AwaitAssertAsync(async () => Assert.True(await shared.Server.CountAsync(_queue) > 100), Soon);
        proxy.Cut();
        Assert.Equal(AmqpEndKind.ConnectionLost, (await ended.Item1.WaitAsync(Soon)).Kind);
        await Assert.ThrowsAnyAsync<Exception>(() => ended.Item2.WaitAsync(Soon));
    }

    private Task<IConnection> Connect(CancellationToken cancellationToken) => Task.FromResult(_connection);

    private AmqpPublication Publication(string body) => new("", _queue, Encoding.UTF8.GetBytes(body));

    private Source<AmqpMessage, AmqpSubscription> Source(int prefetch) => AmqpSource.Committable(Connect, new AmqpSourceSettings(_queue, prefetch));

    private Task<global::Akka.Done> PublishAsync(string[] bodies) =>
        global::Akka.Streams.Dsl.Source.From(bodies.Select(Publication)).RunWith(AmqpSink.Confirmed(Connect), Sys.Materializer()).WaitAsync(Soon);

    private async Task<string[]> ReadAndAckAsync(int count, int prefetch)
    {
        var (subscription, queue) = Source(prefetch).ToMaterialized(Sink.Queue<AmqpMessage>(), Keep.Both).Run(Sys.Materializer());
        var read = new string[count];
        for (var i = 0; i < count; i++)
        {
            var message = (await queue.PullAsync().WaitAsync(Soon)).Value;
            read[i] = Encoding.UTF8.GetString(message.Body.Span);
            await subscription.AckAsync(message.Tag);
        }

        await subscription.CloseAsync();
        return read;
    }

    /// <summary>A source that consumes: a message has come through it.</summary>
    private async Task<(AmqpSubscription Subscription, Task Done)> RunningAsync(Func<CancellationToken, Task<IConnection>>? connect = null)
    {
        await PublishAsync(["first"]);
        var arrived = new TaskCompletionSource();
        var (subscription, done) = AmqpSource.Committable(connect ?? Connect, new AmqpSourceSettings(_queue, 5))
            .ToMaterialized(Sink.ForEach<AmqpMessage>(_ => arrived.TrySetResult()), Keep.Both).Run(Sys.Materializer());
        await arrived.Task.WaitAsync(Soon);
        return (subscription, done);
    }

    private static async Task FailsWithAsync(Task done, AmqpEndKind kind)
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => done.WaitAsync(Soon));
        Assert.Equal(kind, Assert.IsType<AmqpEndedException>(Innermost(error)).End.Kind);
    }

    private static Exception Innermost(Exception error) => error is AggregateException { InnerException: { } inner } ? inner : error;
}
