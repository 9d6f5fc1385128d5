using Akka.Hosting;
using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.RateLimits;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.RateLimits.Declared;

/// <summary>A host whose actors have limits, with few workers and little credit.</summary>
internal static class LimitsHost
{
    public static Task<TestHost> StartAsync(Action<DramatiqBuilder> configure, InMemoryBroker? broker = null, IRateLimiterBackend? backend = null, string hocon = "") =>
        TestHost.StartAsync(
            d =>
            {
                d.Options.Queues.Workers = 4;
                d.Options.Queues.Prefetch = 20;
                configure(d);
            },
            broker,
            akka: akka =>
            {
                akka.AddHocon(hocon, HoconAddMode.Prepend);
                if (backend is null)
                    akka.WithInMemoryRateLimits();
                else
                    akka.AddSetup(new RateLimitsSetup(_ => backend, isOwned: false));
            });

    public static async Task<RateLimitGate.Snapshot> GateAsync(TestHost host) =>
        await (await host.ActorAsync("default/limits")).Ask<RateLimitGate.Snapshot>(RateLimitGate.GetSnapshot.Instance, TimeSpan.FromSeconds(10));

    public static async Task SendAsync(TestHost host, string actor, int count) =>
        await host.Queue.EnqueueManyAsync(Enumerable.Range(0, count).Select(n => (object)new ActorCall(actor, n)));
}
