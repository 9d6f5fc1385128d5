using Dramatiq.Akka.Hosting;
using Dramatiq.Akka.Inspection;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka;

/// <summary>Registers <see cref="IInspection"/>.</summary>
public static class InspectionServiceExtensions
{
    /// <summary>
    /// Registers <see cref="IInspection"/> for code outside of actors. It works once the host has started; a question before that fails with
    /// <see cref="InspectionFailure.NotRunning"/>. Registering it twice does no harm.
    /// </summary>
    public static IServiceCollection AddInspection(this IServiceCollection services)
    {
        if (services.All(static service => service.ServiceType != typeof(IInspection)))
            services.AddSingleton<IInspection>(static provider => TaskSystem.Get(provider.GetRequiredService<ActorSystem>()).Inspection);
        return services;
    }
}
