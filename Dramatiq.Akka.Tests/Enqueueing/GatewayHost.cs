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

    /// <summary>Moves time in small steps until the task has ended.</summary>
    public async Task<T> PassTimeUntilAsync<T>(Task<T> task)
    {
        for (var i = 0; i < 2_000 && !task.IsCompleted; i++)
        {
            Clock.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Delay(1);
        }

        return await task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
