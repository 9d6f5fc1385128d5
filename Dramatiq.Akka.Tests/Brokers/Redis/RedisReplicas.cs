using System.Globalization;
using System.Net;
using Dramatiq.Akka.Brokers.Redis;
using StackExchange.Redis;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>A primary and its replica, and a Sentinel where one is asked for.</summary>
internal sealed class RedisReplicas : IAsyncDisposable
{
    public const string Service = "tasks";
    private readonly string _folder = Directory.CreateTempSubdirectory("dramatiq-redis-replicas-").FullName;
    private readonly TlsFiles? _tls;
    private RedisProcess? _primary;
    private RedisProcess _replica = null!;
    private RedisProcess? _sentinel;
    private ConnectionMultiplexer _onPrimary = null!;
    private ConnectionMultiplexer _onReplica = null!;

    private RedisReplicas(bool tls) => _tls = tls ? new TlsFiles(_folder) : null;

    /// <summary>Who has signed the servers' certificates; null where they speak without.</summary>
    public string? Authority => _tls?.Authority;

    public string SentinelUrl => $"{Scheme}+sentinel://127.0.0.1:{_sentinel!.Port}/{Service}/0";

    public string BothHostsUrl => $"{Scheme}://127.0.0.1:{_primary!.Port},127.0.0.1:{_replica.Port}/0";

    public IDatabase Primary => _onPrimary.GetDatabase();

    /// <summary>What became of the replica: the only one left after <see cref="KillPrimaryAsync"/>.</summary>
    public IDatabase Replica => _onReplica.GetDatabase();

    private string Scheme => _tls is null ? "redis" : "rediss";

    public static async Task<RedisReplicas> StartAsync(bool sentinel, bool tls = false)
    {
        var replicas = new RedisReplicas(tls);
        replicas._primary = await replicas.ServerAsync("primary");
        replicas._replica = await replicas.ServerAsync("replica", "--replicaof", "127.0.0.1", $"{replicas._primary.Port}");
        replicas._onPrimary = await replicas.ConnectAsync(replicas._primary.Port);
        replicas._onReplica = await replicas.ConnectAsync(replicas._replica.Port);
        await RedisFixture.EventuallyAsync(() => replicas.SaysAsync("master_link_status:up"), "the replica follows");
        if (sentinel) await replicas.WatchAsync();
        return replicas;
    }

    /// <summary>Waits until the replica has everything that was confirmed. WAIT is for what the connection itself has written, so this comes last.</summary>
    public async Task ReplicatedAsync()
    {
        await Primary.StringIncrementAsync("the test's own");
        await RedisFixture.EventuallyAsync(async () => (long)await Primary.ExecuteAsync("WAIT", 1, 1_000) == 1, "the replica has everything");
    }

    public async ValueTask KillPrimaryAsync()
    {
        if (_primary is not { } primary) return;
        _primary = null;
        await primary.DisposeAsync();
    }

    /// <summary>What an operator does where no Sentinel does it.</summary>
    public Task PromoteAsync() => Replica.ExecuteAsync("REPLICAOF", "NO", "ONE");

    public Task PromotedAsync() => RedisFixture.EventuallyAsync(() => SaysAsync("role:master"), "the replica has become the primary");

    public async ValueTask DisposeAsync()
    {
        await _onPrimary.DisposeAsync();
        await _onReplica.DisposeAsync();
        if (_sentinel is not null) await _sentinel.DisposeAsync();
        await KillPrimaryAsync();
        await _replica.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<RedisProcess> ServerAsync(string name, params string[] more)
    {
        var port = FreePort.Take();
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        string[] listening = _tls is null
            ? ["--port", $"{port}"]
            : ["--port", "0", "--tls-port", $"{port}", "--tls-replication", "yes", "--tls-auth-clients", "no", "--tls-cert-file", _tls.Certificate("server"), "--tls-key-file", _tls.Key("server"), "--tls-ca-cert-file", _tls.Authority];
        return RedisProcess.StartAsync(port, [.. listening, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--repl-diskless-sync-delay", "0", .. more]);
    }

    private async Task WatchAsync()
    {
        var port = FreePort.Take();
        var file = Path.Combine(_folder, "sentinel.conf");   // which it rewrites as it learns
        var listening = _tls is null
            ? $"port {port}"
            : $"port 0\ntls-port {port}\ntls-replication yes\ntls-auth-clients no\ntls-cert-file {_tls.Certificate("server")}\ntls-key-file {_tls.Key("server")}\ntls-ca-cert-file {_tls.Authority}";
        await File.WriteAllTextAsync(file, $"""
            {listening}
            bind 127.0.0.1
            dir {_folder}
            sentinel monitor {Service} 127.0.0.1 {_primary!.Port} 1
            sentinel down-after-milliseconds {Service} 5000
            sentinel failover-timeout {Service} 10000

            """);
        _sentinel = await RedisProcess.StartAsync(port, file, "--sentinel");
        await using var connection = await ConnectAsync(port, CommandMap.Sentinel);
        var server = connection.GetServer(new IPEndPoint(IPAddress.Loopback, port));
        await RedisFixture.EventuallyAsync(async () => (await server.SentinelReplicasAsync(Service)).Length == 1, "the Sentinel knows of the replica");
    }

    private async Task<bool> SaysAsync(string line) => ((string)(await Replica.ExecuteAsync("INFO", "replication"))!).Contains(line, StringComparison.Ordinal);

    private Task<ConnectionMultiplexer> ConnectAsync(int port, CommandMap? commands = null)
    {
        var options = RedisSettings.From(new RedisOptions { Url = $"{Scheme}://127.0.0.1:{port}/0", TlsCaFile = Authority }).ToConfiguration();
        options.AllowAdmin = true;
        options.ClientName = string.Create(CultureInfo.InvariantCulture, $"the test itself, on {port}");
        if (commands is not null) options.CommandMap = commands;
        return ConnectionMultiplexer.ConnectAsync(options.WithPatience());
    }
}
