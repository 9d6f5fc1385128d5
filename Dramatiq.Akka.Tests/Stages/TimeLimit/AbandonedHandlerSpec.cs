using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka.Tests.Stages.TimeLimit;

public sealed class AbandonedHandlerSpec
{
    private static readonly TimeSpan Soon = Eventually.Patience;
    private readonly Feed<int> _started = new();
    private readonly Probe _probe = new();

    public sealed record Hang(int Number);

    [Theory]
    [InlineData("delegate", false)]
    [InlineData("delegate", true)]
    [InlineData("blocking delegate", false)]
    [InlineData("blocking delegate", true)]
    [InlineData("class", false)]
    [InlineData("class", true)]
    public async Task Stuck_handler_must_be_given_up_and_not_be_heard_when_it_comes_back(string kind, bool throws)
    {
        await using var host = await StartAsync(kind, throws);
        await host.EnqueueAsync(kind == "class" ? new Hang(1) : new ActorCall("hang", 1));
        await _started.AtLeastAsync(1);
        host.Clock.Advance(TimeSpan.FromMinutes(10));
        await host.Log.FirstAsync("which is its time limit; its token is cancelled.");
        host.Clock.Advance(TimeSpan.FromSeconds(5));
        await host.JoinAsync(failFast: false);

        var note = host.DeadNote();
        Assert.Equal("TimeLimitExceededException", note.GetProperty("type").GetString());
        Assert.Equal(
            "'hang' ran past its time limit of 10 min and did not heed its cancellation token; its worker was replaced.", note.GetProperty("message").GetString());
        var abandoned = await host.Signals.FirstAsync<Signals.HandlerAbandoned>();
        Assert.Equal(("default", "hang"), (abandoned.Queue, abandoned.ActorName));
        await host.Log.FirstAsync("a worker was replaced, since its handler did not come back; 1 such handlers run on.");
        Assert.DoesNotContain(host.Log.All, static line => line.Text.Contains("has come back", StringComparison.Ordinal));

        // The pool has its one worker again.
        await host.CallAsync("quick");
        await host.JoinAsync(failFast: false);
        Assert.Equal(3, (await host.Signals.AtLeastAsync<Signals.AfterWorkerStart>(3)).Count);
        Assert.False(_probe.Disposed.Task.IsCompleted);

        _probe.Release.SetResult();
        await host.Log.FirstAsync("an abandoned handler has come back; 0 are left.");
        await _probe.Disposed.Task.WaitAsync(Soon);
        await host.CallAsync("quick");
        await host.JoinAsync(failFast: false);
        Assert.Single(host.Broker.DeadLetters());
        Assert.Equal(2, _started.All.Count(static number => number == 0));
    }

    [Fact]
    public async Task Abandoned_attempt_must_be_tried_again_elsewhere()
    {
        await using var host = await StartAsync("delegate", throws: false, maxRetries: 1);
        await host.CallAsync("hang", 1);
        await _started.AtLeastAsync(1);
        host.Clock.Advance(TimeSpan.FromMinutes(10));
        await host.Log.FirstAsync("its token is cancelled.");
        host.Clock.Advance(TimeSpan.FromSeconds(5));
        await host.Signals.FirstAsync<Signals.BeforeDelayMessage>();
        _probe.Release.SetResult();
        await host.JoinAsync();

        Assert.Equal([1, 1], _started.All);
        Assert.Empty(host.Broker.DeadLetters());
    }

    [Fact]
    public async Task Handler_that_heeds_its_token_within_the_grace_must_not_be_given_up()
    {
        await using var host = await StartAsync("delegate", throws: false);
        await host.CallAsync("hang", 1);
        await _started.AtLeastAsync(1);
        host.Clock.Advance(TimeSpan.FromMinutes(10));
        await host.Log.FirstAsync("its token is cancelled.");
        host.Clock.Advance(TimeSpan.FromSeconds(4.9));
        _probe.Release.SetResult();
        await host.JoinAsync();
        host.Clock.Advance(TimeSpan.FromMinutes(1));

        await host.CallAsync("quick");
        await host.JoinAsync();
        Assert.DoesNotContain(host.Signals.All, static signal => signal is Signals.HandlerAbandoned);
    }

    private Task<VirtualHost> StartAsync(string kind, bool throws, int maxRetries = 0)
    {
        _probe.Started = _started;
        _probe.Throws = throws;
        return VirtualHost.StartAsync(
            d =>
            {
                d.Options.Queues.Workers = 2;
                d.AddActor("quick", () => _started.Add(0));
                switch (kind)
                {
                    case "class":
                        d.AddActor<Hanging>(a => a.Handles<Hang>(o => o.MaxRetries(maxRetries)));
                        break;
                    case "delegate":
                        d.AddActor("hang", (int number, [FromServices] Scoped _) => _probe.HangAsync(number), o => o.MaxRetries(maxRetries));
                        break;
                    default:
                        d.AddActor("hang", (int number, [FromServices] Scoped _) => _probe.Block(number), o => o.MaxRetries(maxRetries));
                        break;
                }
            },
            services => services.AddSingleton(_probe).AddScoped<Scoped>());
    }

    private sealed class Probe
    {
        public Feed<int> Started { get; set; } = new();

        public bool Throws { get; set; }

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task HangAsync(int number)
        {
            Started.Add(number);
            await Release.Task;
            End();
        }

        public void Block(int number)
        {
            Started.Add(number);
            ((IAsyncResult)Release.Task).AsyncWaitHandle.WaitOne();
            End();
        }

        private void End()
        {
            if (Throws)
                throw new InvalidOperationException("late");
        }
    }

    private sealed class Scoped(Probe probe) : IDisposable
    {
        public void Dispose() => probe.Disposed.TrySetResult();
    }

    private sealed class Hanging : TaskActor
    {
        public Hanging(Probe probe) => ReceiveAsync<Hang>(async hang =>
        {
            _ = Services.GetRequiredService<Scoped>();
            await probe.HangAsync(hang.Number);
        });
    }
}
