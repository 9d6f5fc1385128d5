using Dramatiq.Akka.Management.Api;
using Dramatiq.Akka.Management.Dashboard;
using Dramatiq.Akka.Management.Health;
using Dramatiq.Akka.Management.Live;
using Dramatiq.Akka.Management.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dramatiq.Akka.Management.Hosting;

/// <summary>Maps all there is beneath one path.</summary>
internal static class ManagementEndpoints
{
    public static IEndpointConventionBuilder Map(IEndpointRouteBuilder endpoints, string path, Func<ManagementSite> make)
    {
        var made = new Lazy<ManagementSite>(make, LazyThreadSafetyMode.ExecutionAndPublication);
        var group = endpoints.MapGroup(path);
        var routes = new GuardedRoutes(group, () => made.Value);
        ApiEndpoints.Map(routes);
        LiveEndpoints.Map(routes);
        HealthEndpoints.Map(routes);
        MetricsEndpoint.Map(routes);
        DashboardEndpoints.Map(routes);
        return group;
    }
}
