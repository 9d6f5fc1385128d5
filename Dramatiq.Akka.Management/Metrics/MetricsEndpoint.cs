using Dramatiq.Akka.Management.Hosting;
using Dramatiq.Akka.Management.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Dramatiq.Akka.Management.Metrics;

/// <summary>A Prometheus scrape of this library's meter.</summary>
internal static class MetricsEndpoint
{
    /// <summary>The name of the meter, which is what they are wired by.</summary>
    public const string Meter = "Dramatiq.Akka";

    public static void Map(GuardedRoutes routes)
    {
        var provider = Sdk.CreateMeterProviderBuilder().AddMeter(Meter).AddPrometheusExporter().Build();
        var scrape = routes.Group.CreateApplicationBuilder().UseOpenTelemetryPrometheusScrapingEndpoint(provider, static _ => true, null, null, null).Build();
        routes.MapApi("GET", "metrics", Access.Read, (context, _) => scrape(context));
    }
}
