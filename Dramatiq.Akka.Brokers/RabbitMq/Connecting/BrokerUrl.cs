using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq.Connecting;

/// <summary>Addresses of RabbitMQ, and what of them may be shown.</summary>
internal static class BrokerUrl
{
    private static readonly char[] Separators = [',', ' ', ';'];

    /// <summary>Splits and checks a list of URLs.</summary>
    /// <exception cref="ArgumentException">One cannot be used; the text shows it without its password.</exception>
    public static IReadOnlyList<Uri> ParseAll(string urls)
    {
        var parsed = urls.Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse).ToArray();
        return parsed.Length > 0 ? parsed : throw new ArgumentException("No URL of RabbitMQ is given. Give at least one, such as amqp://user:password@host:5672/vhost.");
    }

    /// <summary>The URL without user and password.</summary>
    public static string Redacted(Uri url) => $"{url.Scheme}://{url.Host}:{Port(url)}{(url.AbsolutePath is "/" or "" ? "" : url.AbsolutePath)}";

    public static string Redacted(IEnumerable<Uri> urls) => string.Join(", ", urls.Select(Redacted));

    private static Uri Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("amqp" or "amqps") || url.Host.Length == 0)
            throw new ArgumentException($"'{WithoutUserInfo(text)}' is no URL of RabbitMQ. It looks like amqp://user:password@host:5672/vhost, or amqps://… for TLS.");
        if (url.AbsolutePath.TrimStart('/').Contains('/', StringComparison.Ordinal))
            throw new ArgumentException($"'{Redacted(url)}' has more than one part after the host: write a slash inside the name of a vhost as %2F.");
        return url;
    }

    private static int Port(Uri url) => url.IsDefaultPort || url.Port <= 0 ? (url.Scheme == "amqps" ? AmqpTcpEndpoint.DefaultAmqpSslPort : 5672) : url.Port;

    private static string WithoutUserInfo(string text)
    {
        var at = text.LastIndexOf('@');
        var start = text.IndexOf("//", StringComparison.Ordinal);
        return at < 0 ? text : (start >= 0 && start < at ? text[..(start + 2)] : "") + "…" + text[at..];
    }
}
