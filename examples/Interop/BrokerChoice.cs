using Akka.Hosting;

namespace Dramatiq.Akka.Interop;

/// <summary>RabbitMQ or Redis, by the scheme of the URL.</summary>
internal static class BrokerChoice
{
    public const string Description =
        "RabbitMQ: amqp[s]://user:password@host:port/vhost; several separated by commas. Redis: redis[s]://user:password@host:port/database, or redis+sentinel://host:port/service/database.";

    /// <summary>Why a URL cannot be used; null when it can.</summary>
    public static string? Refusal(string url) =>
        IsRabbitMq(url) || IsRedis(url) ? null : $"--broker must start with amqp://, amqps://, redis://, rediss:// or redis+sentinel://, was: {SchemeOf(url)}";

    public static AkkaConfigurationBuilder WithBroker(this AkkaConfigurationBuilder akka, string url) =>
        IsRedis(url) ? akka.WithRedis(url) : akka.WithRabbitMq(url);

    private static bool IsRabbitMq(string url) => SchemeOf(url) is "amqp" or "amqps";

    internal static bool IsRedis(string url) => SchemeOf(url) is "redis" or "rediss" or "redis+sentinel" or "rediss+sentinel";

    // What follows it may hold a password, and is shown to nobody.
    internal static string SchemeOf(string url) => url.IndexOf("://", StringComparison.Ordinal) is var end and >= 0 ? url[..end] : "no URL";
}
