using System.Collections.Concurrent;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.Contracts;

namespace Dramatiq.Akka.Tests.Brokers.InMemory;

public sealed class VirtualTimeSpec : InMemoryBrokerFixture
{
    private readonly ConcurrentQueue<TimeSpan> _jumps = new();

    [Fact]
    public async Task Advance_must_jump_from_eta_to_eta_through_years_of_retries()
    {
        const int messages = 20, retries = 30;
        var started = Clock.GetUtcNow();
        var runs = 0;
        var worker = WorkAsync(Consume(), message =>
        {
            Interlocked.Increment(ref runs);
            message.Options.TryGetInt64(OptionNames.Retries, out var done);
            return done == retries ? null : new Publication(
                message.With(options: message.Options.With(OptionNames.Retries, done + 1)), NowMs + (long)TimeSpan.FromDays(30 + done / 2).TotalMilliseconds);
        });
        var delay = DelayAsync(Consume("q.DQ"));
        for (var i = 0; i < messages; i++) await PublishAsync(NewMessage($"{i}"), NowMs + i);

        await Broker.JoinAsync("q", Soon, advance: Advance);

        Assert.Equal(messages * (retries + 1), runs);
        Assert.InRange(Clock.GetUtcNow() - started, TimeSpan.FromDays(365 * 3), TimeSpan.FromDays(365 * 4));
        Assert.All(_jumps, jump => Assert.True(jump > TimeSpan.Zero));
        Assert.False(worker.IsFaulted || delay.IsFaulted);
    }

    [Fact]
    public async Task Advance_must_be_called_with_the_time_to_the_earliest_eta_whoever_holds_it()
    {
        await PublishAsync(NewMessage("late"), NowMs + 60_000);
        await PublishAsync(NewMessage("early"), NowMs + 15_000);
        var reader = Consume("q.DQ", prefetch: 1);
        var late = await reader.ReadAsync();
        var join = Broker.JoinAsync("q", Soon, advance: Advance);
        Assert.Equal([TimeSpan.FromSeconds(15)], _jumps);

        // "early" is due now, so time is not what is waited for until it is gone.
        await reader.SettleAsync(Settlement.Return(late));
        Assert.Equal("late", DeliveryReader.Id(late = await reader.ReadAsync()));
        var other = Consume("q.DQ");
        await other.AckAsync(await other.ReadAsync());
        await AwaitAssertAsync(() => Assert.Equal([TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(45)], _jumps), Soon);
        await reader.AckAsync(late);
        await join;
    }

    [Fact]
    public async Task Advance_must_wait_while_the_queue_itself_has_work()
    {
        await PublishAsync(NewMessage("later"), NowMs + 1_000);
        await PublishAsync("now");
        var join = Broker.JoinAsync("q", Soon, advance: Advance);
        var reader = Consume();
        var now = await reader.ReadAsync();
        Assert.Empty(_jumps);
        await reader.AckAsync(now);
        await AwaitAssertAsync(() => Assert.Equal([TimeSpan.FromSeconds(1)], _jumps), Soon);
        var delayed = Consume("q.DQ");
        await delayed.AckAsync(await delayed.ReadAsync());
        await join;
    }

    [Fact]
    public async Task Advance_must_move_the_clock_of_the_broker()
    {
        await PublishAsync(NewMessage("later"), NowMs + 1_000);
        var error = await Assert.ThrowsAsync<DramatiqException>(() => Broker.JoinAsync("q", Soon, advance: static _ => { }));
        Assert.Equal(
            "The clock of the in-memory broker did not move by the 00:00:01 that it was told to. "
            + "Give the broker the clock that 'advance' moves, in InMemoryBrokerOptions.TimeProvider.", error.Message);
    }

    private void Advance(TimeSpan time)
    {
        _jumps.Enqueue(time);
        Clock.Advance(time);
    }

    /// <summary>Runs each message; what the work gives back is published before the message is acked.</summary>
    private async Task WorkAsync(DeliveryReader reader, Func<Message, Publication?> work)
    {
        while (await reader.NextBatchAsync() is { } batch)
        {
            foreach (var delivery in batch)
            {
                if (work(Message.Decode(delivery.Body)) is { } next) await Broker.PublishAsync([next], CancellationToken.None);
                await reader.AckAsync(delivery);
            }
        }
    }

    /// <summary>Moves each message to its queue once the fake clock has reached its eta.</summary>
    private async Task DelayAsync(DeliveryReader reader)
    {
        while (await reader.NextBatchAsync() is { } batch)
        {
            foreach (var delivery in batch) _ = MoveAsync(reader, delivery);
        }
    }

    private async Task MoveAsync(DeliveryReader reader, Delivery delivery)
    {
        var message = Message.Decode(delivery.Body);
        Assert.True(message.Options.TryGetInt64(OptionNames.Eta, out var eta));
        await ReachedAsync(eta);
        await PublishAsync(message.With(queueName: "q", options: message.Options.Without(OptionNames.Eta)), eta: null);
        await reader.AckAsync(delivery);
    }

    private async Task ReachedAsync(long eta)
    {
        while (NowMs is var now && now < eta)
        {
            var due = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var timer = Clock.CreateTimer(_ => due.TrySetResult(), null, TimeSpan.FromMilliseconds(eta - now), Timeout.InfiniteTimeSpan);
            // When the clock jumped before the timer was set, the timer is late by that jump.
            if (NowMs == now) await due.Task;
        }
    }
}
