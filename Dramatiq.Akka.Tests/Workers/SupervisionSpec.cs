using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka.Tests.Workers;

public sealed class SupervisionSpec
{
    private readonly Feed<(int Attempt, int Delivery)> _runs = new();

    [Fact]
    public async Task Lost_worker_must_give_its_message_back_with_no_attempt_spent()
    {
        var stuck = new TaskCompletionSource();
        await using var host = await VirtualHost.StartAsync(d =>
        {
            d.Options.Queues.Workers = 1;
            d.AddActor("work", async (MessageContext context) =>
            {
                _runs.Add((context.Attempt, context.DeliveryCount));
                if (context.DeliveryCount == 1)
                    await stuck.Task;
            });
        });
        var worker = await host.Signals.FirstAsync<Signals.AfterWorkerStart>();
        await host.CallAsync("work");
        await _runs.AtLeastAsync(1);
        worker.Worker.Tell(Kill.Instance);
        await host.JoinAsync();

        Assert.Equal([(1, 1), (1, 2)], _runs.All);
        await host.Log.FirstAsync("in hand; the message goes back to the queue, and a new worker takes its place.");
        Assert.Equal(2, (await host.Signals.AtLeastAsync<Signals.AfterWorkerStart>(2)).Count);
        stuck.SetResult();
    }

    [Fact]
    public async Task Handler_stopped_from_outside_with_a_message_in_hand_must_fail_the_message()
    {
        var stuck = new TaskCompletionSource();
        await using var host = await VirtualHost.StartAsync(d =>
        {
            d.Options.Queues.Workers = 1;
            d.AddActor("work", async (MessageContext context) =>
            {
                _runs.Add((context.Attempt, context.DeliveryCount));
                if (context.Attempt == 1)
                    await stuck.Task;
            });
        });
        var worker = await host.Signals.FirstAsync<Signals.AfterWorkerStart>();
        await host.CallAsync("work");
        await _runs.AtLeastAsync(1);
        host.Host.System.ActorSelection(worker.Worker.Path + "/work-*").Tell(PoisonPill.Instance);
        await host.JoinAsync();

        Assert.Equal([(1, 1), (2, 1)], _runs.All);
        await host.Log.FirstAsync("HandlerStoppedException: 'work': the Akka actor 'work-");
        stuck.SetResult();
    }

    [Fact]
    public async Task Idle_worker_that_is_stopped_must_be_replaced()
    {
        await using var host = await VirtualHost.StartAsync(d =>
        {
            d.Options.Queues.Workers = 1;
            d.AddActor("work", (MessageContext context) => _runs.Add((context.Attempt, context.DeliveryCount)));
        });
        (await host.Signals.FirstAsync<Signals.AfterWorkerStart>()).Worker.Tell(PoisonPill.Instance);
        await host.Signals.AtLeastAsync<Signals.AfterWorkerStart>(2);
        await host.RunAsync(new ActorCall("work"));

        Assert.Equal([(1, 1)], _runs.All);
    }

    [Fact]
    public async Task Exception_that_leaves_no_trust_must_start_consumers_anew_with_the_messages_back_in_the_queue()
    {
        await using var host = await VirtualHost.StartAsync(d => d.AddActor("work", (MessageContext context) =>
        {
            _runs.Add((context.Attempt, context.DeliveryCount));
            if (context.DeliveryCount == 1)
                throw new InvalidProgramException("not to be trusted");
        }));
        await host.RunAsync(new ActorCall("work"));

        Assert.Equal([(1, 1), (1, 2)], _runs.All);
        await host.Log.FirstAsync("The process is no longer to be trusted; consumers and workers start anew, and the message goes back to its queue.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Exception_that_leaves_no_trust_must_do_so_where_a_constructor_or_an_await_throws_it(bool afterAwait)
    {
        var memory = new ShortOfMemory(afterAwait);
        await using var host = await VirtualHost.StartAsync(
            d => d.AddActor<Hungry>(a => a.Handles<Eat>()),
            services: services => services.AddSingleton(memory));
        await host.RunAsync(new Eat());

        Assert.Equal([false], memory.Retried.All);
        // A constructor may fail before the message has come to its actor: the line says then nothing of the message.
        await host.Log.FirstAsync("InsufficientMemoryException. The process is no longer to be trusted; consumers and workers start anew");
        Assert.Equal(2, (await host.Signals.AtLeastAsync<Signals.AfterConsumerStart>(3)).Count(static signal => signal.Queue == "default"));
    }

    internal sealed record Eat;

    /// <summary>Fails once.</summary>
    internal sealed class ShortOfMemory(bool afterAwait)
    {
        private int _failures;

        /// <summary>For each run to the end, whether an attempt was spent before.</summary>
        public Feed<bool> Retried { get; } = new();

        public void OnBuilt() => FailIf(!afterAwait);

        public async Task OnRunAsync()
        {
            await Task.Yield();
            FailIf(afterAwait);
        }

        private void FailIf(bool isPlace)
        {
            if (isPlace && Interlocked.Increment(ref _failures) == 1)
                throw new InsufficientMemoryException("an OutOfMemoryException that may be thrown by hand");
        }
    }

    private sealed class Hungry : TaskActor
    {
        public Hungry(ShortOfMemory memory)
        {
            memory.OnBuilt();
            ReceiveAsync<Eat>(async _ =>
            {
                await memory.OnRunAsync();
                memory.Retried.Add(CurrentMessage.Options.Contains("retries"));
            });
        }
    }

    [Fact]
    public async Task Stopped_consumer_must_be_replaced()
    {
        await using var host = await VirtualHost.StartAsync(d => d.AddActor("work", (MessageContext context) => _runs.Add((context.Attempt, context.DeliveryCount))));
        var consumer = await host.Signals.FirstAsync<Signals.AfterConsumerStart>(static signal => signal.Queue == "default");
        consumer.Consumer.Tell(PoisonPill.Instance);
        await host.Log.FirstAsync("The consumer of queue default was stopped; a new one takes its place.");
        await host.RunAsync(new ActorCall("work"));

        Assert.Single(_runs.All);
    }
}
