using Dramatiq.Akka.Inspection;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka.Management.Commands;

/// <summary>What a command may ask for beside its parameters.</summary>
internal sealed record CommandCall(ActorSystem System, IInspection Inspection, ITaskQueue Queue, IServiceProvider Services)
{
    public static bool Knows(Type type) =>
        type == typeof(CancellationToken) || type == typeof(IServiceProvider) || type == typeof(IInspection) || type == typeof(ITaskQueue) || type == typeof(ActorSystem);

    public object? Of(Type type, CancellationToken cancellationToken) =>
        type == typeof(CancellationToken) ? cancellationToken
        : type == typeof(IServiceProvider) ? Services
        : type == typeof(IInspection) ? Inspection
        : type == typeof(ITaskQueue) ? Queue
        : type == typeof(ActorSystem) ? System
        : Services.GetRequiredService(type);
}
