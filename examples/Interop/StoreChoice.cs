using Akka.Hosting;

namespace Dramatiq.Akka.Interop;

/// <summary>The Redis that holds results, and the counters of groups.</summary>
internal static class StoreChoice
{
    public const string Description = "Where results are stored and groups are counted: redis[s]://user:password@host:port/database, or redis+sentinel://host:port/service/database. Without it neither is done.";

    /// <summary>Why a URL cannot be used; null when it can, or when there is none.</summary>
    public static string? Refusal(string? url) => url is null || BrokerChoice.IsRedis(url)
        ? null
        : $"--results must start with redis://, rediss:// or redis+sentinel://, was: {BrokerChoice.SchemeOf(url)}";

    public static AkkaConfigurationBuilder WithStores(this AkkaConfigurationBuilder akka, string? url) =>
        url is null ? akka : akka.WithRedisResults(url).WithRedisRateLimits(url);
}
