using System.Collections.Concurrent;
using Akka.Hosting;
using Dramatiq.Akka.Messages;
using Microsoft.Extensions.Hosting;

namespace Dramatiq.Akka.Interop;

/// <summary>The actors that Python can send to.</summary>
internal static class Worker
{
    /// <param name="broker">The broker's URL.</param>
    /// <param name="results">Where results are stored and groups are counted; null for nowhere.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static Task RunAsync(string broker, string? results, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddAkka("interop", akka => akka.WithDramatiq(d =>
        {
            if (results is not null)
                d.Options.StoreResults = true;
            Declare(d);
        }).WithBroker(broker).WithStores(results));
        return builder.Build().RunAsync(cancellationToken);
    }

    private static void Declare(DramatiqBuilder dramatiq)
    {
        var attempts = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        dramatiq.AddActor("add", static (long x, long y) => x + y, static o => o.Queue("math"));
        dramatiq.AddActor("echo", static (JsonText value) => value, static o => o.Queue("interop"));
        dramatiq.AddActor(
            "flaky",
            (string key, int failures) =>
            {
                var attempt = attempts.AddOrUpdate(key, 1, static (_, before) => before + 1);
                return attempt > failures ? attempt : throw new InvalidOperationException($"attempt {attempt} of {key} fails, as it was told to");
            },
            static o => o.Queue("interop").MaxRetries(5).MinBackoff(TimeSpan.FromMilliseconds(100)));
        dramatiq.AddActor("fail", static (string text) => { throw new InvalidOperationException(text); }, static o => o.Queue("interop").MaxRetries(0));
    }
}
