using Akka.Hosting;
using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka;

/// <summary>Registers <see cref="ITaskQueue"/> and <see cref="ITaskResults"/>.</summary>
public static class TaskQueueServiceExtensions
{
    /// <summary>
    /// Registers <see cref="ITaskQueue"/> and <see cref="ITaskResults"/> for code outside of actors. It works once the host has started; a call before that fails with <see cref="EnqueueFailedException"/>.
    /// (Akka.Hosting builds its configuration when the container exists already, so <c>WithDramatiq</c> cannot register it.)
    /// </summary>
    public static IServiceCollection AddTaskQueue(this IServiceCollection services) => services
        .AddSingleton<ITaskQueue>(static provider =>
        {
            IActorRef Gateway() => provider.GetRequiredService<IReadOnlyActorRegistry>().TryGet<QueueGateway>(out var gateway)
                ? gateway
                : throw new EnqueueFailedException("The queue gateway is not running. Start the host before enqueueing, and call WithDramatiq(…) in AddAkka(…).");

            return new TaskQueue(Gateway, () =>
            {
                _ = Gateway();
                return TaskSystem.Get(provider.GetRequiredService<ActorSystem>()).Composer;
            });
        })
        .AddSingleton<ITaskResults>(static provider => TaskSystem.Get(provider.GetRequiredService<ActorSystem>()).Results);
}
