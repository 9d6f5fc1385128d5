using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Tests.Brokers.InMemory;

public sealed class DeadLettersSpec : InMemoryBrokerFixture
{
    [Fact]
    public async Task DeadLetters_must_remember_message_body_and_cause()
    {
        var cause = new InvalidOperationException("boom");
        await BuryAsync("a", cause);
        var dead = Assert.Single(Broker.DeadLetters("q"));
        Assert.Equal("q", dead.Queue);
        Assert.Equal("a", dead.Message?.MessageId);
        Assert.Equal(NewMessage("a").Encode(), dead.Body.ToArray());
        Assert.Same(cause, dead.Cause);
    }

    [Fact]
    public async Task DeadLetters_must_show_a_body_that_cannot_be_decoded_without_a_message()
    {
        await BuryAsync("a", cause: null, "not a message"u8.ToArray());
        var dead = Assert.Single(Broker.DeadLetters("q"));
        Assert.Null(dead.Message);
        Assert.Equal("not a message"u8.ToArray(), dead.Body.ToArray());
    }

    [Fact]
    public async Task DeadLetters_must_cover_all_queues()
    {
        await Broker.DeclareQueueAsync("p", CancellationToken.None);
        await PublishAsync(NewMessage("other").With(queueName: "p"), eta: null);
        var reader = Consume("p");
        await reader.SettleAsync(Settlement.DeadLetter(await reader.ReadAsync(), body: default, cause: null));
        await BuryAsync("a", cause: null);
        Assert.Equal(["p", "q"], Broker.DeadLetters().Select(dead => dead.Queue));
        Assert.Throws<QueueNotFoundException>(() => Broker.DeadLetters("nowhere"));
    }

    [Fact]
    public async Task DeadLetters_must_expire()
    {
        await BuryAsync("a", cause: null);
        Clock.Advance(TimeSpan.FromDays(6));
        await BuryAsync("b", cause: null);
        Assert.Equal(["a", "b"], await PeekAsync("q.XQ"));
        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(["b"], await PeekAsync("q.XQ"));
        Assert.Equal(1, (await StatsAsync()).Dead);
        Clock.Advance(TimeSpan.FromDays(6));
        Assert.Empty(Broker.DeadLetters("q"));
    }

    [Fact]
    public void DeadLetters_must_be_kept_for_good_when_the_ttl_is_infinite()
    {
        var dead = new Graveyard(Clock, Timeout.InfiniteTimeSpan);
        dead.Add("body"u8.ToArray(), cause: null);
        Clock.Advance(TimeSpan.FromDays(10_000));
        Assert.Equal(1, dead.Count);
    }

    [Fact]
    public async Task Requeue_must_put_dead_letters_back_as_new()
    {
        var options = MessageOptions.Empty.With(OptionNames.Retries, 3).With(OptionNames.Traceback, "why").With(OptionNames.RequeueTimestamp, 5)
            .With(OptionNames.Eta, 6).With(OptionNames.DeadLetter, "note").With("mine", 7);
        await BuryAsync("a", cause: null, NewMessage("a", options).With(queueName: "q.DQ").Encode());
        await BuryAsync("b", cause: null);
        await BuryAsync("broken", cause: null, "not a message"u8.ToArray());

        Assert.Equal(new MessagesMoved(1), await Broker.RequeueDeadLettersAsync("q", ["a", "unknown"], CancellationToken.None));
        var delivery = await Consume().ReadAsync();
        Assert.Equal(NewMessage("a", MessageOptions.Empty.With("mine", 7)).Encode(), delivery.Body.ToArray());
        Assert.Equal(1, delivery.DeliveryCount);

        Assert.Equal(new MessagesMoved(1), await Broker.RequeueDeadLettersAsync("q", ids: null, CancellationToken.None));
        Assert.Null(Assert.Single(Broker.DeadLetters("q")).Message);
    }

    [Fact]
    public async Task Requeue_must_wake_an_idle_consumer()
    {
        await BuryAsync("a", cause: null);
        var reader = Consume();
        var idle = reader.BeginRead();
        await Broker.RequeueDeadLettersAsync("q", ids: null, CancellationToken.None);
        await idle.WaitAsync(Soon);
    }
}
