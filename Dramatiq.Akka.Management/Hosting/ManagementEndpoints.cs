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
        // A Lazy would keep an exception for good, and the actor system may only be late.
        var making = new Lock();
        ManagementSite? made = null;
        ManagementSite Site()
        {
            lock (making)
                return made ??= make();
        }

        var group = endpoints.MapGroup(path);
        var routes = new GuardedRoutes(group, Site);
        ApiEndpoints.Map(routes);
        LiveEndpoints.Map(routes);
        HealthEndpoints.Map(routes);
        MetricsEndpoint.Map(routes);
        DashboardEndpoints.Map(routes);
        return group;
    }
}
