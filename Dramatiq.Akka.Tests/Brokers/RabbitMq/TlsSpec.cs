using Dramatiq.Akka.Brokers;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

/// <summary><c>amqps://</c> against a server with TLS, whose certificate comes from an authority that this machine does not know.</summary>
[Collection(RabbitMqCollection.Name)]
public sealed class TlsSpec(TlsServer tls) : IClassFixture<TlsServer>
{
    [Fact]
    public async Task A_worker_must_drain_over_TLS_when_the_authority_is_trusted()
    {
        const int messages = 2_000;
        var tally = new Tally(messages);
        await using var host = await RabbitMqHost.StartAsync(tls.Url("127.0.0.1"), d => d.AddActor("count", (int n) => tally.Count(n), o => o.Queue("tls")), Trusting);
        await host.Queue.EnqueueManyAsync(Enumerable.Range(0, messages).Select(static number => new ActorCall("count", number)));
        await tally.All;

        Assert.Equal((messages, 0), (tally.Distinct, tally.Duplicates));
        Assert.DoesNotContain(host.Log.All, static line => line.Text.Contains("not consuming", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_must_be_refused_with_what_to_do()
    {
        var error = await RefusedAsync(tls.Url("127.0.0.1"), static _ => { });
        Assert.StartsWith(
            $"RabbitMQ cannot be trusted: amqps://127.0.0.1:{tls.Port}: its certificate (CN=test-server, issued by CN=Test authority) is not trusted (",
            error,
            StringComparison.Ordinal);
        Assert.Contains("). Set dramatiq.rabbitmq.tls.ca-file to a PEM file with the certificate of the authority that issued it, or let this machine trust", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_than_the_configured_one_must_be_refused()
    {
        using var others = new TestCertificates();
        var error = await RefusedAsync(tls.Url("127.0.0.1"), rabbit => rabbit.CaFile = others.AuthorityFile);
        Assert.Contains("is not trusted (", error, StringComparison.Ordinal);
        Assert.EndsWith($"Put the certificate of the authority that issued it into {others.AuthorityFile} (dramatiq.rabbitmq.tls.ca-file).", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_another_host_must_be_refused_with_the_names_that_it_has()
    {
        var error = await RefusedAsync(tls.Url("127.0.0.2"), Trusting);
        Assert.Equal(
            $"RabbitMQ cannot be trusted: amqps://127.0.0.2:{tls.Port}: its certificate is for localhost, 127.0.0.1, and not for 127.0.0.2. "
            + "Use a name of the certificate in dramatiq.rabbitmq.url, or give the server a certificate for this one.",
            error);
    }

    [Fact]
    public async Task An_address_that_can_be_trusted_must_be_taken_after_one_that_cannot()
    {
        var ran = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await RabbitMqHost.StartAsync(tls.Url("127.0.0.2"), d => d.AddActor("note", () => { ran.TrySetResult(); }, o => o.Queue("tls_second")), rabbit =>
        {
            Trusting(rabbit);
            rabbit.Urls.Add(tls.Url("127.0.0.1"));
        });
        await host.Queue.EnqueueAsync(new ActorCall("note"));
        await ran.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_server_that_wants_a_client_certificate_must_get_the_one_that_is_configured()
    {
        var port = FreePort.Take();
        await using var server = await RabbitMqServer.StartPrivateAsync(tls.Certificates.ServerConfiguration(port, asksForClientCertificate: true));
        await RabbitMqServer.WaitForPortAsync(port);
        var url = $"amqps://guest:guest@127.0.0.1:{port}";
        await using (var without = TestBroker.Create(url, $"dramatiq.rabbitmq.tls.ca-file = \"{tls.Certificates.AuthorityFile}\""))
            await Assert.ThrowsAsync<BrokerConnectionException>(() => without.DeclareQueueAsync("tls", CancellationToken.None));

        var ran = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await RabbitMqHost.StartAsync(url, d => d.AddActor("note", () => { ran.TrySetResult(); }, o => o.Queue("tls")), rabbit =>
        {
            Trusting(rabbit);
            rabbit.ConfigureConnection = connection => connection.Ssl.CertPath = tls.Certificates.ClientFile;
        });
        await host.Queue.EnqueueAsync(new ActorCall("note"));
        await ran.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private void Trusting(RabbitMqOptions rabbit) => rabbit.CaFile = tls.Certificates.AuthorityFile;

    /// <summary>What stops the start.</summary>
    private static async Task<string> RefusedAsync(string url, Action<RabbitMqOptions> configure) =>
        (await Assert.ThrowsAsync<BrokerException>(() => RabbitMqHost.StartAsync(url, static d => d.AddActor("note", static () => { }, static o => o.Queue("tls")), configure))).Message;
}

/// <summary>A server with a TLS listener, for the specs of one class.</summary>
public sealed class TlsServer : IAsyncLifetime
{
    private RabbitMqServer? _server;
    private SkipException? _skipped;

    public TestCertificates Certificates { get; } = new();

    public int Port { get; } = FreePort.Take();

    /// <summary>Where it is under this name of the machine. Where there is no server, the spec that asks is skipped.</summary>
    public string Url(string host) => _skipped is null ? $"amqps://guest:guest@{host}:{Port}" : throw _skipped;

    public async Task InitializeAsync()
    {
        try
        {
            _server = await RabbitMqServer.StartPrivateAsync(Certificates.ServerConfiguration(Port, asksForClientCertificate: false));
            await RabbitMqServer.WaitForPortAsync(Port);
        }
        catch (SkipException skipped)
        {
            _skipped = skipped;
        }
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        Certificates.Dispose();
    }
}
