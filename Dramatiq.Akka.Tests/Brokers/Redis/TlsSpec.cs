using System.Collections.Concurrent;
using Akka.Configuration;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.Redis;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>A server that speaks TLS only, asks for a client's certificate, and knows one user with a password.</summary>
public sealed class TlsSpec : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dramatiq-redis-tls-").FullName;
    private TlsFiles _files = null!;
    private RedisProcess? _server;

    public async Task InitializeAsync()
    {
        if (RedisProcess.WhyNot is not null) return;
        _files = new TlsFiles(_folder);
        var port = FreePort.Take();
        // The user may do what docs/redis.md says, and no more.
        await File.WriteAllTextAsync(Path.Combine(_folder, "redis.conf"), $"""
            port 0
            tls-port {port}
            bind 127.0.0.1 127.0.0.2
            dir {_folder}
            save ""
            tls-cert-file {_files.Certificate("server")}
            tls-key-file {_files.Key("server")}
            tls-ca-cert-file {_files.Authority}
            tls-auth-clients yes
            user default off
            user worker on >s3cr&t resetchannels &mine:inspection:paused ~mine:* -@all +@list +@hash +@set +@sortedset +@connection +@scripting +@keyspace +subscribe +unsubscribe +publish +time +info
            """);
        _server = await RedisProcess.StartAsync(port, Path.Combine(_folder, "redis.conf"));
    }

    public async Task DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task Both_connections_must_speak_tls_with_a_private_CA_and_an_ACL_user(string host)
    {
        var ran = new ConcurrentQueue<int>();
        await using var worker = await RedisHost.StartAsync(Options(host), d => d.AddActor("note", ran.Enqueue, static o => o.Queue("q")));
        for (var i = 0; i < 5; i++)
        {
            await worker.Queue.EnqueueAsync(new ActorCall("note", i));
            var count = i + 1;
            await RedisFixture.EventuallyAsync(() => Task.FromResult(ran.Count == count), $"{count} messages have run");
        }

        Assert.Equal(Enumerable.Range(0, 5), ran);
        // It waits for pushes: had the second connection been refused, it would have said that it polls.
        Assert.DoesNotContain(worker.Log.All, static line => line.Text.Contains("Idle consumers poll", StringComparison.Ordinal));
        await RedisFixture.EventuallyAsync(() => TrackingClientsAsync(host), "a connection is told of changes");
    }

    [Fact]
    public async Task A_certificate_in_one_file_with_its_key_must_do()
    {
        var both = Path.Combine(_folder, "both.pem");
        _ = Server;
        await File.WriteAllTextAsync(both, await File.ReadAllTextAsync(_files.Certificate("client")) + "\n" + await File.ReadAllTextAsync(_files.Key("client")));
        var options = Options("localhost");
        (options.TlsCertificateFile, options.TlsKeyFile) = (both, null);
        Assert.Equal(0, await ReadyAsync(options));
    }

    [Fact]
    public async Task A_server_of_an_unknown_CA_must_be_refused_with_the_next_step()
    {
        var options = Options("localhost");
        options.TlsCaFile = null;
        var error = await Assert.ThrowsAsync<BrokerConnectionException>(() => ReadyAsync(options));
        Assert.Contains("dramatiq.redis.tls-ca-file", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_of_another_name_must_be_refused_with_the_next_step()
    {
        var error = await Assert.ThrowsAsync<BrokerConnectionException>(() => ReadyAsync(Options("127.0.0.2")));
        Assert.Contains("dramatiq.redis.tls-ca-file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_must_be_named_as_such_and_not_be_shown()
    {
        var options = Options("localhost");
        options.Url = options.Url!.Replace("s3cr%26t", "hunter2", StringComparison.Ordinal);
        var error = await Assert.ThrowsAnyAsync<BrokerException>(() => ReadyAsync(options));
        Assert.Contains("did not accept the user and password of dramatiq.redis.url: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing.pem", "which cannot be used: ")]
    [InlineData("redis.conf", "It holds no certificate. It must be a PEM file.")]
    public void A_file_that_is_no_CA_must_be_named(string file, string reason)
    {
        _ = Server;
        var path = Path.Combine(_folder, file);
        var error = Assert.Throws<ConfigurationException>(() => RedisSettings.From(new RedisOptions { TlsCaFile = path }));
        Assert.StartsWith($"dramatiq.redis.tls-ca-file is '{path}', ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private RedisProcess Server => _server ?? throw new NoRedisException(RedisProcess.WhyNot!);

    private RedisOptions Options(string host) => new()
    {
        Url = $"rediss://worker:s3cr%26t@{host}:{Server.Port}/0",
        Namespace = "mine",
        TlsCaFile = _files.Authority,
        TlsCertificateFile = _files.Certificate("client"),
        TlsKeyFile = _files.Key("client"),
        CommandTimeout = TimeSpan.FromSeconds(10),
    };

    /// <summary>How many are ready in a queue: a question that goes all the way.</summary>
    private static async Task<long> ReadyAsync(RedisOptions options)
    {
        await using var broker = new RedisBroker(options);
        await broker.DeclareQueueAsync("q", CancellationToken.None);
        return (await broker.GetStatsAsync("q", CancellationToken.None)).Ready ?? -1;
    }

    private async Task<bool> TrackingClientsAsync(string host)
    {
        var configuration = RedisSettings.From(Options(host)).ToConfiguration();
        configuration.AllowAdmin = true;   // for INFO
        await using var connection = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(configuration);
        return ((string)(await connection.GetDatabase().ExecuteAsync("INFO", "clients"))!).Contains("tracking_clients:1", StringComparison.Ordinal);
    }
}
