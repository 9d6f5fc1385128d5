using System.Globalization;
using Akka.Configuration;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>Where the server is and how to log in. Its text never shows the password.</summary>
internal sealed record RedisUrl
{
    private const string Form = "redis://[user:password@]host[:port][,host:port …][/database], rediss://… for TLS, or redis+sentinel://host:port[,…]/service[/database]";

    private RedisUrl()
    {
    }

    public required string Scheme { get; init; }

    public required IReadOnlyList<(string Host, int Port)> Hosts { get; init; }

    public string? User { get; init; }

    public string? Password { get; init; }

    public string? Service { get; init; }

    public int Database { get; init; }

    public bool IsTls => Scheme is "rediss" or "rediss+sentinel";

    /// <summary>What tells it from others, with the password: never to be shown.</summary>
    public string Identity => $"{this} {User}:{Password}";

    private bool IsSentinel => Scheme.EndsWith("+sentinel", StringComparison.Ordinal);

    /// <exception cref="ConfigurationException">It is none; the text says the form, and not what was given, which may hold a password.</exception>
    public static RedisUrl Parse(string url)
    {
        var at = url.IndexOf("://", StringComparison.Ordinal);
        if (at < 0 || url[..at] is not ("redis" or "rediss" or "redis+sentinel" or "rediss+sentinel")) throw Bad("it starts with another scheme");
        var parsed = new RedisUrl { Scheme = url[..at], Hosts = [] };
        var rest = url[(at + 3)..];
        var login = rest.LastIndexOf('@');
        var path = rest.IndexOf('/', Math.Max(login, 0));
        var authority = path < 0 ? rest : rest[..path];
        if (login >= 0)
        {
            var (user, password) = Split(authority[..login]);
            parsed = parsed with { User = user.Length == 0 ? null : Uri.UnescapeDataString(user), Password = Uri.UnescapeDataString(password ?? "") };
            authority = authority[(login + 1)..];
        }

        parsed = parsed with { Hosts = [.. authority.Split(',').Select(host => ParseHost(host, parsed.IsSentinel ? 26379 : 6379))] };
        var segments = path < 0 ? [] : rest[(path + 1)..].TrimEnd('/').Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parsed.IsSentinel)
        {
            if (segments.Length == 0) throw Bad("the Sentinel service is not named");
            parsed = parsed with { Service = segments[0] };
            segments = segments[1..];
        }

        return segments switch
        {
            [] => parsed,
            [var text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var database) => parsed with { Database = database },
            _ => throw Bad("the database is no number"),
        };
    }

    public ConfigurationOptions ToConfiguration(TimeSpan timeout)
    {
        var options = new ConfigurationOptions
        {
            AbortOnConnectFail = false,
            ClientName = "dramatiq.akka",
            User = User,
            Password = Password,
            Ssl = IsTls,
            ServiceName = Service,
            DefaultDatabase = Database,
            AsyncTimeout = (int)timeout.TotalMilliseconds,
            ConnectTimeout = (int)timeout.TotalMilliseconds,
            // What is cut off comes back at once, and every quarter of a second as long as it does not.
            ReconnectRetryPolicy = new LinearRetry(250),
            HeartbeatInterval = TimeSpan.FromMilliseconds(250),
        };
        foreach (var (host, port) in Hosts) options.EndPoints.Add(host, port);
        return options;
    }

    public override string ToString() =>
        $"{Scheme}://{(Password is null && User is null ? "" : $"{User}:***@")}{string.Join(',', Hosts.Select(static host => $"{host.Host}:{host.Port}"))}{(Service is null ? "" : "/" + Service)}/{Database}";

    private static (string Host, int Port) ParseHost(string text, int defaultPort)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= text.LastIndexOf(']')) return text.Length > 0 ? (text.Trim('[', ']'), defaultPort) : throw Bad("a host is empty");
        return int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 && colon > 0
            ? (text[..colon].Trim('[', ']'), port)
            : throw Bad("a port is no number from 1 to 65535");
    }

    private static (string User, string? Password) Split(string login) =>
        login.IndexOf(':') is var colon and >= 0 ? (login[..colon], login[(colon + 1)..]) : ("", login);

    private static ConfigurationException Bad(string why) => new($"dramatiq.redis.url cannot be used: {why}. Its form is {Form}.");
}
