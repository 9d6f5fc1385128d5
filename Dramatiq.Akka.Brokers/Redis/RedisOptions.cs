using System.Globalization;
using System.Text;
using Akka.Configuration;
using Akka.Hosting;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>The C# face of the keys under <c>dramatiq.redis</c> in HOCON. What is left null keeps what HOCON says; what is set comes before it.</summary>
public sealed class RedisOptions
{
    /// <summary>
    /// Where the server is: <c>redis://user:password@host:port/database</c>, <c>rediss://</c> for TLS, several hosts with commas between them for a cluster,
    /// <c>redis+sentinel://host:port,host:port/service/database</c> for Sentinel. Default <c>redis://127.0.0.1:6379/0</c>.
    /// </summary>
    public string? Url { get; set; }

    /// <summary>The prefix of every key. Default <c>dramatiq</c>, as in Python. On Redis Cluster it must hold a hash tag: <c>{dramatiq}</c>.</summary>
    public string? Namespace { get; set; }

    /// <summary>How long a worker may be silent before what it holds goes back to its queues. Default 60 s.</summary>
    public TimeSpan? HeartbeatTimeout { get; set; }

    /// <summary>How long a dead letter is kept. Default 7 days; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</summary>
    public TimeSpan? DeadMessageTtl { get; set; }

    /// <summary>How long a command may take before it is tried again. Default 5 s.</summary>
    public TimeSpan? CommandTimeout { get; set; }

    /// <summary>Whether idle consumers poll even where the server could tell them of new messages. Default false.</summary>
    public bool? Poll { get; set; }

    /// <summary>The shortest pause between polls. Default 5 ms.</summary>
    public TimeSpan? PollMin { get; set; }

    /// <summary>The longest pause between polls. Default 2 s.</summary>
    public TimeSpan? PollMax { get; set; }

    /// <summary>Messages for each fetch at the most. Default 256.</summary>
    public int? FetchSize { get; set; }

    /// <summary>The authorities that <c>rediss://</c> trusts, as a PEM file: a private CA, or the server's own certificate. Default: those that the machine trusts.</summary>
    public string? TlsCaFile { get; set; }

    /// <summary>The certificate that the server is shown, as a PEM file. Default none.</summary>
    public string? TlsCertificateFile { get; set; }

    /// <summary>The private key of <see cref="TlsCertificateFile"/>, as a PEM file without a password. Default: it is in the same file.</summary>
    public string? TlsKeyFile { get; set; }

    /// <summary>
    /// Changes what no setting can say. Called once, before connecting. Of TLS the connection that wakes idle consumers heeds <see cref="ConfigurationOptions.SslHost"/> and
    /// <see cref="ConfigurationOptions.SslClientAuthenticationOptions"/> alone.
    /// </summary>
    public Action<ConfigurationOptions>? ConfigureConnection { get; set; }

    /// <summary>The HOCON of what is set.</summary>
    public Config ToHocon()
    {
        var lines = new StringBuilder();
        Write(lines, "url", Url?.ToHocon());
        Write(lines, "namespace", Namespace?.ToHocon());
        Write(lines, "heartbeat-timeout", Text(HeartbeatTimeout));
        Write(lines, "dead-message-ttl", Text(DeadMessageTtl));
        Write(lines, "timeout", Text(CommandTimeout));
        Write(lines, "wake", Poll is { } poll ? poll ? "poll" : "tracking" : null);
        Write(lines, "poll-min", Text(PollMin));
        Write(lines, "poll-max", Text(PollMax));
        Write(lines, "tls-ca-file", TlsCaFile?.ToHocon());
        Write(lines, "tls-certificate-file", TlsCertificateFile?.ToHocon());
        Write(lines, "tls-key-file", TlsKeyFile?.ToHocon());
        Write(lines, "fetch-size", FetchSize?.ToString(CultureInfo.InvariantCulture));
        return ConfigurationFactory.ParseString(lines.ToString());
    }

    private static void Write(StringBuilder lines, string key, string? value)
    {
        if (value is not null) lines.Append("dramatiq.redis.").Append(key).Append(" = ").AppendLine(value);
    }

    private static string? Text(TimeSpan? time) =>
        time is not { } value ? null
        : value == Timeout.InfiniteTimeSpan ? "infinite"
        : string.Create(CultureInfo.InvariantCulture, $"{(long)value.TotalMilliseconds}ms");
}
