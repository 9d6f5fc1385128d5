using System.Collections.Concurrent;
using System.Threading.Channels;
using Akka.Streams.Dsl;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Tests.EndToEnd;

/// <summary>A broker that does as the test says: it confirms at once, and has nothing to deliver, until told otherwise.</summary>
internal sealed class ScriptedBroker : IBroker
{
    private readonly ConcurrentQueue<Publication[]> _calls = new();
    private readonly ConcurrentQueue<string> _declared = new();
    private readonly ConcurrentQueue<ScriptedConsumer> _consumers = new();

    public string Name => "scripted";

    public Func<Publication[], CancellationToken, ValueTask<PublishOutcome>> OnPublish { get; set; } = static (_, _) => ValueTask.FromResult(PublishOutcome.Confirmed);

    public Func<string, Task> OnDeclare { get; set; } = static _ => Task.CompletedTask;

    /// <summary>What the last declaration was to be given up by.</summary>
    public CancellationToken LastDeclareToken { get; private set; }

    public IReadOnlyList<Publication[]> Calls => [.. _calls];

    public IReadOnlyList<string> Declared => [.. _declared];

    /// <summary>The consumers of one queue, in the order in which they connected.</summary>
    public IReadOnlyList<ScriptedConsumer> ConsumersOf(string queue) => [.. _consumers.Where(consumer => consumer.Queue == queue)];

    public Task DeclareQueueAsync(string queue, CancellationToken cancellationToken)
    {
        _declared.Enqueue(queue);
        LastDeclareToken = cancellationToken;
        return OnDeclare(queue);
    }

    public ValueTask<PublishOutcome> PublishAsync(IReadOnlyList<Publication> batch, CancellationToken cancellationToken)
    {
        var call = batch.ToArray();
        _calls.Enqueue(call);
        return OnPublish(call, cancellationToken);
    }

    public Source<IReadOnlyList<Delivery>, IBrokerConsumer> Consume(string queue, int prefetch)
    {
        var consumer = new ScriptedConsumer(queue, prefetch);
        _consumers.Enqueue(consumer);
        return ChannelSource.FromReader(consumer.Deliveries).MapMaterializedValue<IBrokerConsumer>(_ => consumer);
    }

    /// <summary>Waits for the nth consumer of a queue, from 0.</summary>
    public async Task<ScriptedConsumer> ConsumerAsync(string queue = "default", int number = 0)
    {
        await Eventually.AssertAsync(() => Assert.True(ConsumersOf(queue).Count > number));
        return ConsumersOf(queue)[number];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>One connected consumer, which hands out what the test delivers and remembers how it was settled.</summary>
internal sealed class ScriptedConsumer(string queue, int prefetch) : ILeasesDeliveries
{
    private readonly TaskCompletionSource _leaseOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<IReadOnlyList<Delivery>> _channel = Channel.CreateUnbounded<IReadOnlyList<Delivery>>();
    private readonly ConcurrentQueue<Settlement> _settled = new();
    private ulong _tags;

    public string Queue => queue;

    public int Prefetch => prefetch;

    public ChannelReader<IReadOnlyList<Delivery>> Deliveries => _channel.Reader;

    public IReadOnlyList<Settlement> Settled => [.. _settled];

    public Func<Task> OnSettle { get; set; } = static () => Task.CompletedTask;

    public bool IsClosed { get; private set; }

    public Delivery[] Deliver(params byte[][] bodies)
    {
        var deliveries = Array.ConvertAll(bodies, body => new Delivery(this, ++_tags, body, 1));
        _channel.Writer.TryWrite(deliveries);
        return deliveries;
    }

    public Delivery[] Deliver(params Message[] messages) => Deliver(Array.ConvertAll(messages, static message => message.Encode().ToArray()));

    public Task LeaseOver => _leaseOver.Task;

    /// <summary>What is held should go back.</summary>
    public void EndLease() => _leaseOver.TrySetResult();

    /// <summary>The connection is lost.</summary>
    public void Fail(Exception error) => _channel.Writer.TryComplete(error);

    public async ValueTask SettleAsync(IReadOnlyList<Settlement> settlements)
    {
        var copy = settlements.ToArray();
        await OnSettle();
        foreach (var settlement in copy)
            _settled.Enqueue(settlement);
    }

    public ValueTask StopAsync() => ValueTask.CompletedTask;

    public ValueTask CloseAsync()
    {
        IsClosed = true;
        _channel.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }
}
