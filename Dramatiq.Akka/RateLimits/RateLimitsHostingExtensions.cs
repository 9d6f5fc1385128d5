using Akka.Actor.Setup;
using Akka.Hosting;
using Dramatiq.Akka.RateLimits;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka;

/// <summary>Names where rate limits are counted, and brings them to handlers.</summary>
public static class RateLimitsHostingExtensions
{
    /// <summary>Counts rate limits in this process alone.</summary>
    public static AkkaConfigurationBuilder WithInMemoryRateLimits(this AkkaConfigurationBuilder builder) =>
        builder.AddSetup(new RateLimitsSetup(static system => new InMemoryRateLimiterBackend(Hosting.TaskSystem.Get(system).Time)));

    /// <summary>Counts rate limits in this backend, which stays the caller's: several systems, or a test, can share it.</summary>
    public static AkkaConfigurationBuilder WithInMemoryRateLimits(this AkkaConfigurationBuilder builder, InMemoryRateLimiterBackend backend) =>
        builder.AddSetup(new RateLimitsSetup(_ => backend, isOwned: false));

    /// <summary>
    /// Registers <see cref="RateLimiters"/>, for handlers and other services to have injected. (Akka.Hosting builds its configuration when the container exists already, so the backend's
    /// <c>With…</c> call cannot register it.)
    /// </summary>
    public static IServiceCollection AddRateLimiters(this IServiceCollection services) =>
        services.AddSingleton(static provider => RateLimiters.Get(provider.GetRequiredService<ActorSystem>()));
}

/// <summary>How an extension such as <c>WithRedisRateLimits</c> names the backend of rate limits: <c>builder.AddSetup(new RateLimitsSetup(…))</c>.</summary>
/// <param name="create">Makes it.</param>
/// <param name="isOwned">Whether it is disposed when the system stops; false for one that others share.</param>
public sealed class RateLimitsSetup(Func<ActorSystem, IRateLimiterBackend> create, bool isOwned = true) : Setup
{
    /// <summary>Whether the backend is disposed when the system stops.</summary>
    public bool IsOwned { get; } = isOwned;

    /// <summary>Makes the backend.</summary>
    public Func<ActorSystem, IRateLimiterBackend> Create { get; } = create;

    internal static RateLimitsSetup? Of(ActorSystem system) => system.Settings.Setup.Get<RateLimitsSetup>() is { HasValue: true } setup ? setup.Value : null;
}
