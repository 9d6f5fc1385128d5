using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Enqueueing;

/// <summary>A gateway in front of a scripted broker, with virtual time and no consumers.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    public sealed record Greet(string Name, int Times = 1);

    public ScriptedBroker Broker { get; } = new();

    public FakeTimeProvider Clock { get; } = new();

    public TestHost Host { get; private set; } = null!;

    public ITaskQueue Queue => Host.Queue;

    public LogLines Log => Host.Log;

    public static async Task<GatewayHost> StartAsync(Action<DramatiqBuilder>? configure = null)
    {
        var gateway = new GatewayHost();
        gateway.Host = await TestHost.StartAsync(d =>
        {
            d.TimeProvider = gateway.Clock;
            d.UseBroker(_ => gateway.Broker).AddTask<Greet>(a => a.Queue("greetings")).AddRemoteActor("remote", "far");
            configure?.Invoke(d);
        });
        return gateway;
    }

    /// <summary>What reached the broker, in order, as its first argument.</summary>
    public IEnumerable<string> Names(int fromCall = 0) => Broker.Calls.Skip(fromCall).SelectMany(static call => call).Select(NameIn);

    public static string NameIn(Dramatiq.Akka.Brokers.Publication publication) =>
        System.Text.Json.JsonDocument.Parse(publication.Message.Args).RootElement[0].ToString();

    /// <summary>Moves time in small steps until the task has ended. The gateway keeps up with them: else a message would be too late that the machine alone made wait.</summary>
    public async Task<T> PassTimeUntilAsync<T>(Task<T> task)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!task.IsCompleted && TimeProvider.System.GetElapsedTime(started) < Eventually.Patience)
        {
            Clock.Advance(TimeSpan.FromMilliseconds(250));
            // Twice, since it tells itself how a call has ended.
            await ReachAsync();
            await ReachAsync();
            await Task.Delay(1);
        }

        return await task.WaitAsync(Eventually.Patience);
    }

    /// <summary>Completes when the gateway has taken what it was told before.</summary>
    public Task ReachAsync() => Host.Gateway.Ask<EnqueuedMany>(new EnqueueMany([]), Eventually.Patience);

    /// <summary>Time passes while the gateway drains what a test left open.</summary>
    public async ValueTask DisposeAsync()
    {
        var stopping = Host.DisposeAsync().AsTask();
        for (var i = 0; i < 2_000 && !stopping.IsCompleted; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(1);
        }

        await stopping;
    }
}
