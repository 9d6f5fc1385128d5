using System.Globalization;
using StackExchange.Redis;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>A private redis-server on 127.0.0.1 with its own folder, stopped with the tests; or the one of DRAMATIQ_TEST_REDIS.</summary>
public sealed class RedisServer : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "dramatiq-redis-" + Guid.NewGuid().ToString("N"));
    private string _url = "";
    private RedisProcess? _process;
    private ConnectionMultiplexer? _connection;

    /// <summary>Why there is no server; null when one can be had.</summary>
    private static string? WhyNot { get; } = Given is null ? RedisProcess.WhyNot : null;

    /// <summary>Where the server is.</summary>
    /// <exception cref="NoRedisException">There is none, and the test is skipped with the reason.</exception>
    public string Url => WhyNot is { } reason ? throw new NoRedisException(reason) : _url;

    public int Port { get; private set; }

    /// <summary>Whether the server is this test's own, so that it may be restarted.</summary>
    public bool IsPrivate => _process is not null;

    public IDatabase Database => _connection!.GetDatabase();

    public IServer Server => _connection!.GetServers()[0];

    private static string? Given => Environment.GetEnvironmentVariable("DRAMATIQ_TEST_REDIS") is { Length: > 0 } url ? url : null;

    public async Task InitializeAsync()
    {
        if (WhyNot is not null) return;
        if (Given is { } url)
        {
            _url = url;
            Port = new Uri(url).Port;
        }
        else
        {
            Port = FreePort.Take();
            _url = $"redis://127.0.0.1:{Port}/0";
            Directory.CreateDirectory(_folder);
            await StartAsync();
        }

        _connection = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { { "127.0.0.1", Port } },
            AllowAdmin = true,
            AbortOnConnectFail = false,
            ReconnectRetryPolicy = new LinearRetry(100),
            HeartbeatInterval = TimeSpan.FromMilliseconds(100),
            ClientName = "the test itself",
        }.WithPatience());
    }

    public async Task DisposeAsync()
    {
        if (_connection is not null) await _connection.DisposeAsync();
        await StopAsync();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Stops the server as a crash would, and starts it again on the same files.</summary>
    public async Task RestartAsync(Func<Task>? meanwhile = null)
    {
        await StopAsync();
        if (meanwhile is not null) await meanwhile();
        await StartAsync();
    }

    /// <summary>Cuts every connection but the one that says so.</summary>
    public Task CutConnectionsAsync() => Database.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal");

    /// <summary>How often each command has been called, scripts' own calls included.</summary>
    public async Task<Dictionary<string, long>> CommandCountsAsync()
    {
        var stats = (string)(await Database.ExecuteAsync("INFO", "commandstats"))!;
        return stats.Split('\n').Where(static line => line.StartsWith("cmdstat_", StringComparison.Ordinal)).ToDictionary(
            static line => line["cmdstat_".Length..line.IndexOf(':', StringComparison.Ordinal)],
            static line => long.Parse(line[(line.IndexOf("calls=", StringComparison.Ordinal) + 6)..line.IndexOf(',', StringComparison.Ordinal)], CultureInfo.InvariantCulture));
    }

    /// <summary>Its file is in the system's memory before it confirms, and outlives its process there: only the machine's end would need more, which a slow disk makes everybody wait for.</summary>
    private async Task StartAsync() => _process = await RedisProcess.StartAsync(
        Port, "--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder, "--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0", "--save", "", "--daemonize", "no");

    private async Task StopAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _process = null;
    }
}

/// <summary>The specs that share one server.</summary>
[CollectionDefinition(Name)]
public sealed class RedisServerCollection : ICollectionFixture<RedisServer>
{
    public const string Name = "redis";
}
