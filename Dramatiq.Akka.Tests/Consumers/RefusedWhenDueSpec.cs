using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Consumers;

public sealed class RefusedWhenDueSpec
{
    [Fact]
    public async Task Message_that_is_refused_when_it_is_due_must_be_dead_lettered_and_not_tried_for_ever()
    {
        var clock = new FakeTimeProvider();
        await using var host = await TestHost.StartAsync(
            d =>
            {
                d.TimeProvider = clock;
                d.AddMiddleware(new OnlyDelayed()).AddActor("work", () => { });
            },
            new InMemoryBroker(new InMemoryBrokerOptions { TimeProvider = clock }));

        await host.Queue.EnqueueAsync(new ActorCall("work"), TimeSpan.FromMinutes(1));
        await host.JoinAsync(failFast: false, advance: clock.Advance);

        var letter = Assert.Single(host.Broker.DeadLetters("default"));
        Assert.Equal("default", letter.Message!.QueueName);
        Assert.True(Assert.IsType<EnqueueFailedException>(letter.Cause).IsRefusal);
        Assert.Contains("it was due and could not be enqueued: work ", System.Text.Encoding.UTF8.GetString(letter.Body.Span), StringComparison.Ordinal);
    }

    private sealed class OnlyDelayed : Middleware
    {
        public override Props EnqueueStage => Props.Create(() => new OnlyDelayedStage());
    }

    private sealed class OnlyDelayedStage : EnqueueStage
    {
        protected override void Before(EnqueueContext context)
        {
            if (context.Eta is null)
                Reject(context, "nothing runs now");
            else
                Pass(context);
        }
    }
}
