using System.Net;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using Dramatiq.Akka.Brokers.Redis;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

public sealed class RedisOptionsSpec
{
    [Fact]
    public void What_is_set_must_be_what_is_read()
    {
        var settings = RedisSettings.From(new RedisOptions
        {
            Url = "rediss://me:p%40ss@one:1,two/7",
            Namespace = "{mine}",
            HeartbeatTimeout = TimeSpan.FromSeconds(8),
            DeadMessageTtl = Timeout.InfiniteTimeSpan,
            CommandTimeout = TimeSpan.FromSeconds(3),
            Poll = true,
            PollMin = TimeSpan.FromMilliseconds(7),
            PollMax = TimeSpan.FromMilliseconds(70),
            FetchSize = 9,
        });
        Assert.Equal("{mine}", settings.Namespace);
        Assert.Equal((8_000, -1), (settings.HeartbeatTimeoutMs, settings.DeadMessageTtlMs));
        Assert.Equal(TimeSpan.FromSeconds(2), settings.BeatInterval);
        Assert.False(settings.Tracks);
        Assert.Equal((7, 70), (settings.PollMin.TotalMilliseconds, settings.PollMax.TotalMilliseconds));
        Assert.Equal(9, settings.FetchSize);
        var connection = settings.Url.ToConfiguration(settings.CommandTimeout);
        Assert.Equal(("me", "p@ss", true, 7, 3_000), (connection.User, connection.Password, connection.Ssl, connection.DefaultDatabase!.Value, connection.AsyncTimeout));
        Assert.Equal([new DnsEndPoint("one", 1), new DnsEndPoint("two", 6379)], connection.EndPoints);
    }

    [Fact]
    public void Tls_settings_must_be_read_by_both_connections_and_only_where_there_is_TLS()
    {
        var folder = Directory.CreateTempSubdirectory("dramatiq-redis-options-").FullName;
        try
        {
            var files = new TlsFiles(folder);
            var options = new RedisOptions { Url = "rediss://h", TlsCaFile = files.Authority, TlsCertificateFile = files.Certificate("client"), TlsKeyFile = files.Key("client") };
            var tls = RedisSettings.From(options).ToConfiguration().SslClientAuthenticationOptions!("h");
            Assert.Equal("CN=a private CA", Assert.Single(tls.CertificateChainPolicy!.CustomTrustStore).Subject);
            Assert.Equal(("h", "CN=client"), (tls.TargetHost, tls.ClientCertificateContext!.TargetCertificate.Subject));

            options.Url = "redis://h";
            Assert.Null(RedisSettings.From(options).ToConfiguration().SslClientAuthenticationOptions);
            options.TlsCertificateFile = null;
            Assert.StartsWith("dramatiq.redis.tls-key-file is '", Assert.Throws<ConfigurationException>(() => RedisSettings.From(options)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Every_default_must_be_read_and_none_be_missing()
    {
        var defaults = RedisSettings.Reference();
        var settings = new RedisSettings(defaults);
        // That of the rate limits is read by WithRedisRateLimits.
        var keys = Leaves(defaults.GetValue("dramatiq.redis"), "dramatiq.redis").Where(static path => !path.StartsWith("dramatiq.redis.rate-limits.", StringComparison.Ordinal));
        Assert.Equal(keys.Order(StringComparer.Ordinal), settings.PathsRead.Concat(new RedisResultSettings(defaults).PathsRead).Order(StringComparer.Ordinal));
        Assert.Equal("redis://127.0.0.1:6379/0", settings.Url.ToString());
    }

    [Fact]
    public void What_is_set_of_results_must_be_what_is_read()
    {
        static RedisResultSettings Read(RedisResultOptions options) =>
            new(options.ToHocon().WithFallback(ConfigurationFactory.ParseString("dramatiq.redis { url = \"redis://broker/1\", timeout = 3s }")).WithFallback(RedisSettings.Reference()));

        var own = Read(new RedisResultOptions { Url = "redis://:hunter2@results/2", Namespace = "mine", ReadableKeys = true });
        Assert.Equal(("mine", true, "redis://:***@results:6379/2", 3.0), (own.Namespace, own.HasReadableKeys, own.Connection.Url.ToString(), own.Connection.CommandTimeout.TotalSeconds));
        var brokers = Read(new RedisResultOptions());
        Assert.Equal(("dramatiq-results", false, "redis://broker:6379/1"), (brokers.Namespace, brokers.HasReadableKeys, brokers.Connection.Url.ToString()));
        Assert.Equal("dramatiq.redis.results.namespace must be a prefix such as dramatiq-results, was ''.", Assert.Throws<ConfigurationException>(() => Read(new RedisResultOptions { Namespace = "" })).Message);
    }

    private static IEnumerable<string> Leaves(HoconValue value, string path) => value.IsObject() && value.GetObject().Items.Count > 0
        ? value.GetObject().Items.SelectMany(item => Leaves(item.Value, path + "." + item.Key))
        : [path];

    [Fact]
    public void Sentinel_must_be_told_from_its_url()
    {
        var url = RedisUrl.Parse("redis+sentinel://:secret@a,b:2/primary/3");
        var connection = url.ToConfiguration(TimeSpan.FromSeconds(1));
        Assert.Equal(("primary", 3, false), (connection.ServiceName, connection.DefaultDatabase!.Value, connection.Ssl));
        Assert.Equal([new DnsEndPoint("a", 26379), new DnsEndPoint("b", 2)], connection.EndPoints);
    }

    [Theory]
    [InlineData("http://:hunter2@h")]
    [InlineData("redis://:hunter2@h/first")]
    [InlineData("redis://:hunter2@h:port")]
    [InlineData("redis+sentinel://:hunter2@h")]
    public void A_url_that_cannot_be_used_must_be_refused_without_its_password(string url)
    {
        var error = Assert.Throws<ConfigurationException>(() => RedisSettings.From(new RedisOptions { Url = url }));
        Assert.StartsWith("dramatiq.redis.url cannot be used: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_text_of_a_url_must_not_show_the_password() =>
        Assert.Equal("redis://me:***@h:6379/0", RedisUrl.Parse("redis://me:hunter2@h").ToString());

    [Fact]
    public async Task An_error_must_name_the_server_and_not_the_password()
    {
        await using var broker = new RedisBroker(new RedisOptions { Url = "redis://:hunter2@127.0.0.1:1/0", CommandTimeout = TimeSpan.FromMilliseconds(50) });
        await broker.DeclareQueueAsync("q", CancellationToken.None);
        var error = await Assert.ThrowsAsync<Dramatiq.Akka.Brokers.BrokerConnectionException>(async () => await broker.GetStatsAsync("q", CancellationToken.None));
        Assert.Contains("redis://:***@127.0.0.1:1/0", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }
}
