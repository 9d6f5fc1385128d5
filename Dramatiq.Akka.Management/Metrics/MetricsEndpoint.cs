using Dramatiq.Akka.Management.Hosting;
using Dramatiq.Akka.Management.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Dramatiq.Akka.Management.Metrics;

/// <summary>A Prometheus scrape of this library's meter. It is listened to from the start, not from the first scrape, so that no count is missed.</summary>
internal static class MetricsEndpoint
{
    /// <summary>The name of the meter, which is what they are wired by.</summary>
    public const string Meter = "Dramatiq.Akka";

    public static void Map(GuardedRoutes routes)
    {
        var provider = Sdk.CreateMeterProviderBuilder().AddMeter(Meter).AddPrometheusExporter(static exporter => exporter.ScopeInfoEnabled = false).Build();
        routes.Group.ServiceProvider.GetService<IHostApplicationLifetime>()?.ApplicationStopped.Register(provider.Dispose);
        var scrape = routes.Group.CreateApplicationBuilder().UseOpenTelemetryPrometheusScrapingEndpoint(provider, static _ => true, null, null, null).Build();
        routes.MapApi("GET", "metrics", Access.Read, (context, _) => scrape(context));
    }
}
