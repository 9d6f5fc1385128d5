using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.InMemory;

namespace Dramatiq.Akka.Tests.Brokers.InMemory;

public sealed class JoinSpec : InMemoryBrokerFixture
{
    [Fact]
    public async Task Join_must_complete_at_once_when_the_queue_is_empty() => await Broker.JoinAsync("q").WaitAsync(Soon);

    [Fact]
    public async Task Join_must_wait_until_the_last_delivery_is_settled()
    {
        await PublishAsync("a", "b");
        var join = Broker.JoinAsync("q");
        var reader = Consume();
        var both = await reader.ReadAsync(2);
        await reader.AckAsync(both[0]);
        Assert.False(join.IsCompleted);
        await reader.AckAsync(both[1]);
        await join.WaitAsync(Soon);
    }

    [Fact]
    public async Task Join_must_wait_for_delayed_messages()
    {
        await PublishAsync(NewMessage("a"), NowMs + 1_000);
        var join = Broker.JoinAsync("q");
        var reader = Consume("q.DQ");
        var delivery = await reader.ReadAsync();
        Assert.False(join.IsCompleted);
        await reader.AckAsync(delivery);
        await join.WaitAsync(Soon);
    }

    [Fact]
    public async Task Join_must_complete_when_the_queue_is_purged()
    {
        await PublishAsync("a");
        await PublishAsync(NewMessage("b"), NowMs + 1_000);
        var join = Broker.JoinAsync("q");
        Broker.FlushAll();
        await join.WaitAsync(Soon);
    }

    [Fact]
    public async Task Join_must_say_what_is_left_when_it_times_out()
    {
        await PublishAsync("a", "b", "c");
        await PublishAsync(NewMessage("d"), NowMs + 1_000);
        var reader = Consume(prefetch: 1);
        await reader.ReadAsync();
        var error = await Assert.ThrowsAsync<QueueJoinTimeoutException>(() => Broker.JoinAsync("q", TimeSpan.FromMilliseconds(20)));
        Assert.Equal(new QueueStats("q", Ready: 2, Delayed: 1, InFlight: 1, Dead: 0), error.Stats);
        Assert.Equal(
            "Queue 'q' did not run empty within 00:00:00.0200000: 2 ready, 1 in flight, 1 delayed, 0 dead. "
            + "Is a worker consuming it, and is the timeout long enough?", error.Message);
    }

    [Fact]
    public async Task Join_must_end_when_it_is_cancelled()
    {
        await PublishAsync("a");
        using var cancellation = new CancellationTokenSource();
        var join = Broker.JoinAsync("q", cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => join.WaitAsync(Soon));
    }

    [Fact]
    public async Task Join_must_refuse_an_undeclared_queue() =>
        await Assert.ThrowsAsync<QueueNotFoundException>(() => Broker.JoinAsync("nowhere"));

    [Fact]
    public async Task Join_must_throw_the_cause_of_a_message_that_dies_meanwhile_with_its_stack()
    {
        await PublishAsync("a", "b");
        var join = Broker.JoinAsync("q");
        var reader = Consume();
        var first = await reader.ReadAsync();
        await reader.SettleAsync(Settlement.DeadLetter(first, body: default, Thrown()));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => join.WaitAsync(Soon));
        Assert.Contains(nameof(Thrown), error.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Join_must_throw_the_cause_of_a_message_that_died_before()
    {
        await BuryAsync("a", new InvalidOperationException("first"));
        await BuryAsync("b", new InvalidOperationException("second"));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Broker.JoinAsync("q"));
        Assert.Equal("first", error.Message);
    }

    [Fact]
    public async Task Join_must_name_a_dead_letter_without_a_cause()
    {
        await BuryAsync("a", cause: null);
        var error = await Assert.ThrowsAsync<DramatiqException>(() => Broker.JoinAsync("q"));
        Assert.Equal("Message a of actor 'add' on queue 'q' is a dead letter, and nothing is known of the cause.", error.Message);
    }

    [Fact]
    public async Task Join_must_name_a_dead_letter_that_cannot_be_decoded()
    {
        await BuryAsync("a", cause: null, "not a message"u8.ToArray());
        var error = await Assert.ThrowsAsync<DramatiqException>(() => Broker.JoinAsync("q"));
        Assert.Equal("A message that cannot be decoded is a dead letter, and nothing is known of the cause.", error.Message);
    }

    [Fact]
    public async Task Join_must_leave_dead_letters_alone_when_told_so()
    {
        await BuryAsync("a", new InvalidOperationException("boom"));
        await Broker.JoinAsync("q", failFast: false).WaitAsync(Soon);
        var lenient = new InMemoryBroker(new InMemoryBrokerOptions { FailFastDefault = false });
        await lenient.DeclareQueueAsync("q", CancellationToken.None);
        await lenient.JoinAsync("q").WaitAsync(Soon);
    }

    private static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException("boom");
        }
        catch (InvalidOperationException error)
        {
            return error;
        }
    }
}
