using System.Net;
using Akka.Configuration;
using Dramatiq.Akka.Hosting;

namespace Dramatiq.Akka.Management.Hosting;

/// <summary>What the management goes by, read from <c>dramatiq.management</c> and checked.</summary>
internal sealed class ManagementSettings
{
    private const int LeastToken = 16;

    private readonly ConfigurationReader _reader;

    public ManagementSettings(Config config)
    {
        var reader = _reader = new ConfigurationReader(config, "dramatiq.management");
        Enabled = reader.Flag("enabled");
        Host = reader.Text("host");
        Address = Host switch
        {
            "*" => IPAddress.IPv6Any,
            "localhost" => IPAddress.Loopback,
            var text => IPAddress.TryParse(text, out var address) ? address : throw reader.Unusable("host", "an IP address, localhost or *", text),
        };
        Port = reader.Whole("port", 0) is var port and <= IPEndPoint.MaxPort ? port : throw reader.Unusable("port", $"{IPEndPoint.MaxPort} at the most", reader.Text("port"));
        Path = reader.Text("path") is ['/', ..] path ? path.TrimEnd('/') : throw reader.Unusable("path", "a path that begins with /", reader.Text("path"));
        Token = Secret("token");
        OrderToken = Secret("order-token");
        IsReadOnly = reader.Flag("read-only");
        Session = reader.Duration("session", TimeSpan.FromMinutes(1));
        LiveInterval = reader.Duration("live-interval", TimeSpan.FromMilliseconds(100));
        MaxListeners = reader.Whole("max-listeners", 1);
        HealthTimeout = reader.Duration("health.timeout", TimeSpan.FromMilliseconds(10));
        Stall = reader.Duration("health.stall", TimeSpan.FromMilliseconds(10));
    }

    public bool Enabled { get; }

    public string Host { get; }

    public IPAddress Address { get; }

    public int Port { get; }

    /// <summary>Without a slash at its end; empty for the root.</summary>
    public string Path { get; }

    public string? Token { get; }

    public string? OrderToken { get; }

    public bool IsReadOnly { get; }

    public TimeSpan Session { get; }

    public TimeSpan LiveInterval { get; }

    public int MaxListeners { get; }

    public TimeSpan HealthTimeout { get; }

    public TimeSpan Stall { get; }

    public IReadOnlySet<string> PathsRead => _reader.PathsRead;

    public static Config Reference { get; } = ConfigurationFactory.FromResource("Dramatiq.Akka.management.conf", typeof(ManagementSettings).Assembly);

    /// <summary>An error here does not repeat the value: it may be most of a secret.</summary>
    private string? Secret(string key) => _reader.Text(key) switch
    {
        "" => null,
        { Length: < LeastToken } text => throw new ConfigurationException($"dramatiq.management.{key} must have {LeastToken} characters or more, and has {text.Length}. `openssl rand -hex 32` makes a good one."),
        var text => text,
    };
}
