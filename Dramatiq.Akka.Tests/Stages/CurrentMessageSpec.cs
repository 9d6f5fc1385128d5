using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka.Tests.Stages;

public sealed class CurrentMessageSpec
{
    private readonly Feed<string?> _seen = new();

    private sealed record Look;

    private sealed record LookTwice;

    [Fact]
    public async Task Message_must_be_known_to_whatever_a_delegate_calls_across_awaits()
    {
        await using var host = await VirtualHost.StartAsync(d => d
            .AddMiddleware(new CurrentMessage())
            .AddActor("sync", See)
            .AddActor("async", async () =>
            {
                See();
                await Task.Yield();
                See();
                await Task.Run(See);
            }));
        var sync = await host.CallAsync("sync");
        await host.JoinAsync();
        var async = await host.CallAsync("async");
        await host.JoinAsync();

        Assert.Equal([sync.MessageId, async.MessageId, async.MessageId, async.MessageId], _seen.All);
        Assert.Null(CurrentMessage.Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Message_must_be_known_to_a_class_and_not_outside_of_its_handler(bool async)
    {
        await using var host = await VirtualHost.StartAsync(d => d
            .AddMiddleware(new CurrentMessage())
            .AddActor<Looker>(a => a.Handles<Look>().Handles<LookTwice>()), services => services.AddSingleton(_seen));
        var enqueued = await host.EnqueueAsync(async ? new LookTwice() : new Look());
        await host.JoinAsync();
        await _seen.AtLeastAsync(async ? 3 : 2);

        Assert.Equal(async ? [enqueued.MessageId, enqueued.MessageId, null] : [enqueued.MessageId, null], _seen.All);
    }

    [Fact]
    public async Task Message_must_be_unknown_without_the_middleware()
    {
        await using var host = await VirtualHost.StartAsync(d => d.AddActor("sync", See));
        await host.RunAsync(new ActorCall("sync"));

        Assert.Equal([null], _seen.All);
    }

    private void See() => _seen.Add(CurrentMessage.Value?.MessageId);

    private sealed class Looker : TaskActor
    {
        private readonly Feed<string?> _seen;

        public Looker(Feed<string?> seen)
        {
            _seen = seen;
            Receive<Look>(_ => SeeAndTell());
            ReceiveAsync<LookTwice>(async _ =>
            {
                See();
                await Task.Yield();
                SeeAndTell();
            });
        }

        protected override void OnMessage(object message) => See();

        private void SeeAndTell()
        {
            See();
            Self.Tell("outside");
        }

        private void See() => _seen.Add(global::Dramatiq.Akka.Stages.CurrentMessage.Value?.MessageId);
    }
}
