using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Tests.Workers;

public sealed class AbandonedHandlerSpec
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    public enum Kind { BlockingDelegate, AsyncDelegate, AsyncActor }

    public sealed record Hang;

    private sealed class Hanging : TaskActor
    {
        public Hanging(Gate gate) => ReceiveAsync<Hang>(_ => gate.EnterAsync(Cancellation));
    }

    private sealed class Gate
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ManualResetEventSlim Open { get; } = new();

        public Task EnterAsync(CancellationToken token)
        {
            token.Register(Cancelled.SetResult);
            Entered.TrySetResult();
            return Released.Task;
        }
    }

    /// <summary>The stage sets its timer some time after it has cancelled the token, so time passes until it has fired.</summary>
    private static Task GraceIsOverAsync(SurvivalHost host) => EndToEnd.Eventually.AssertAsync(() =>
    {
        host.Clock.Advance(Grace);
        Assert.Contains(host.Log.All, static line => line.Text.Contains("did not heed its cancellation token", StringComparison.Ordinal));
    });

    [Theory]
    [InlineData(Kind.BlockingDelegate)]
    [InlineData(Kind.AsyncDelegate)]
    [InlineData(Kind.AsyncActor)]
    public async Task Pool_must_replace_a_worker_whose_handler_ignores_its_token(Kind kind)
    {
        var gate = new Gate();
        await using var host = await SurvivalHost.StartAsync(d =>
        {
            _ = kind switch
            {
                Kind.BlockingDelegate => d.AddActor("hang", (CancellationToken token) =>
                {
                    gate.EnterAsync(token);
                    gate.Open.Wait(CancellationToken.None);
                }, a => a.TimeLimit(Limit).MaxRetries(0)),
                Kind.AsyncDelegate => d.AddActor("hang", gate.EnterAsync, a => a.TimeLimit(Limit).MaxRetries(0)),
                _ => d.AddActor<Hanging>(a => a.Handles<Hang>(o => o.TimeLimit(Limit).MaxRetries(0))),
            };
        }, services: services => services.Add(gate));
        var sent = await host.EnqueueAsync(new ActorCall("hang"));
        await gate.Entered.Task;

        host.Clock.Advance(Limit);
        await gate.Cancelled.Task;
        await host.Log.OneAsync($"hang {sent.MessageId} has run for 1 min, which is its time limit; its token is cancelled.");
        await GraceIsOverAsync(host);
        await host.AssertSurvivedAsync(deadLetters: 1);

        Assert.True(Assert.IsType<TimeLimitExceededException>(host.Host.Broker.DeadLetters("default")[0].Cause).IsAbandoned);
        Assert.Equal(1, (await host.Host.PoolAsync()).Abandoned);
        Assert.Equal(LogLevel.Error, (await host.Log.OneAsync(
            $"hang {sent.MessageId} on default: 'hang' ran past its time limit of 1 min and did not heed its cancellation token; its worker was replaced.")).Level);
        await host.Log.OneAsync("Queue default: a worker was replaced, since its handler did not come back; 1 such handlers run on.");

        gate.Open.Set();
        gate.Released.SetResult();
        await host.Log.OneAsync("Queue default: an abandoned handler has come back; 0 are left.");
        await host.AssertSurvivedAsync(deadLetters: 1);
        Assert.Equal(0, (await host.Host.PoolAsync()).Abandoned);
    }

    [Fact]
    public async Task Pool_must_keep_its_size_when_a_retiring_worker_is_abandoned()
    {
        var gate = new Gate();
        await using var host = await SurvivalHost.StartAsync(d => d.AddActor("hang", gate.EnterAsync, a => a.TimeLimit(Limit).MaxRetries(0)), workers: 1);
        await host.EnqueueAsync(new ActorCall("hang"));
        await gate.Entered.Task;
        await host.Host.Tasks.ScaleWorkersAsync("default", 4);
        await EndToEnd.Eventually.AssertAsync(async () => Assert.Equal(4, (await host.Host.PoolAsync()).Workers));
        await host.Host.Tasks.ScaleWorkersAsync("default", 1);
        await EndToEnd.Eventually.AssertAsync(async () => Assert.Equal(1, (await host.Host.PoolAsync()).Workers));

        host.Clock.Advance(Limit);
        await gate.Cancelled.Task;
        await host.Log.OneAsync("its token is cancelled");
        await GraceIsOverAsync(host);
        await host.AssertSurvivedAsync(deadLetters: 1);
        gate.Released.SetResult();
    }
}
