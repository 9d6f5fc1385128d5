using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

/// <summary>
/// A RabbitMQ server for tests: the one named by DRAMATIQ_TEST_RABBITMQ, or a private one on free ports of 127.0.0.1 with a data folder, a node name and an epmd of its own,
/// which ends with the test process.
/// </summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    private const string Binaries = "/usr/lib/rabbitmq/bin";
    private readonly Dictionary<string, string> _environment = [];
    private readonly List<Process> _processes = [];
    private readonly string? _folder;

    private RabbitMqServer(string? folder, string url)
    {
        _folder = folder;
        Url = url;
    }

    public string Url { get; }

    /// <summary>The server that specs share: nobody may stop it.</summary>
    /// <exception cref="SkipException">There is none to be had, and this is no CI.</exception>
    public static Task<RabbitMqServer> StartSharedAsync() => StartAsync(Environment.GetEnvironmentVariable("DRAMATIQ_TEST_RABBITMQ"), "");

    /// <summary>A server that the spec may do anything to.</summary>
    /// <exception cref="SkipException">There is none to be had, and this is no CI.</exception>
    public static Task<RabbitMqServer> StartPrivateAsync(string configuration = "") => StartAsync(null, configuration);

    public ConnectionFactory Factory() => new() { Uri = new Uri(Url), AutomaticRecoveryEnabled = false };

    public Task ControlAsync(params string[] arguments) => RunAsync(Start("rabbitmqctl", arguments), string.Join(' ', arguments));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes))
            await process.EndAsync();
        _processes.Clear();
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }

    private static async Task<RabbitMqServer> StartAsync(string? url, string configuration)
    {
        if (url is { Length: > 0 })
            return new RabbitMqServer(null, url);

        if (!File.Exists(Path.Combine(Binaries, "rabbitmq-server")))
        {
            const string reason = "no RabbitMQ: run scripts/install-test-servers.sh, or set DRAMATIQ_TEST_RABBITMQ to the URL of one";
            throw Environment.GetEnvironmentVariable("CI") is "true" or "1" ? new InvalidOperationException(reason) : new SkipException(reason);
        }

        var port = FreePort.Take();
        var folder = Directory.CreateTempSubdirectory("dramatiq-rabbitmq-").FullName;
        var server = new RabbitMqServer(folder, $"amqp://guest:guest@127.0.0.1:{port}");
        server.Configure(port, configuration);
        server._processes.Add(Start("/usr/bin/epmd", ["-port", server._environment["ERL_EPMD_PORT"], "-address", "127.0.0.1"], server._environment));
        await WaitForPortAsync(int.Parse(server._environment["ERL_EPMD_PORT"], CultureInfo.InvariantCulture));   // else the server starts one that nobody stops
        server._processes.Add(server.Start("rabbitmq-server"));
        await server.WaitUntilReadyAsync();
        return server;
    }

    private void Configure(int port, string configuration)
    {
        File.WriteAllText(Path.Combine(_folder!, "plugins"), "[].");
        File.WriteAllText(Path.Combine(_folder!, "rabbitmq.conf"), "loopback_users = none\n" + configuration);
        File.WriteAllText(Path.Combine(_folder!, "env.conf"), "");
        _environment["HOME"] = _folder!;
        _environment["RABBITMQ_NODENAME"] = $"dramatiq{port}@localhost";
        _environment["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1";
        _environment["RABBITMQ_NODE_PORT"] = port.ToString(CultureInfo.InvariantCulture);
        _environment["RABBITMQ_DIST_PORT"] = FreePort.Take().ToString(CultureInfo.InvariantCulture);
        _environment["ERL_EPMD_PORT"] = FreePort.Take().ToString(CultureInfo.InvariantCulture);
        _environment["ERL_EPMD_ADDRESS"] = "127.0.0.1";
        _environment["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}";
        _environment["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder!, "data");
        _environment["RABBITMQ_LOG_BASE"] = Path.Combine(_folder!, "log");
        _environment["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder!, "plugins");
        _environment["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder!, "rabbitmq.conf");
        _environment["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(_folder!, "env.conf");
    }

    private async Task WaitUntilReadyAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(240));
        while (true)
        {
            if (_processes.Find(static process => process.HasExited) is { } dead)
                throw new InvalidOperationException($"The test server ended while it started: {await dead.StandardError.ReadToEndAsync(deadline.Token)}");

            try
            {
                await using var connection = await Factory().CreateConnectionAsync(deadline.Token);
                return;
            }
            catch (BrokerUnreachableException)
            {
                await Task.Delay(200, deadline.Token);
            }
        }
    }

    private Process Start(string command, params string[] arguments) => Start(Path.Combine(Binaries, command), arguments, _environment);

    private static Process Start(string path, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private static async Task RunAsync(Process process, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        try
        {
            var error = await process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            Assert.True(process.ExitCode == 0, error);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"rabbitmqctl {what} did not end.");
        }
        finally
        {
            await process.EndAsync();
        }
    }

    public static async Task WaitForPortAsync(int port)
    {
        using var deadline = new CancellationTokenSource(EndToEnd.Eventually.Patience);
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, deadline.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(20, deadline.Token);
            }
        }
    }
}

/// <summary>One server for all specs that leave it running. They run one after the other, and the server ends with the last.</summary>
[CollectionDefinition(Name)]
public sealed class RabbitMqCollection : ICollectionFixture<SharedRabbitMq>
{
    public const string Name = "RabbitMQ";
}

/// <summary>Starts the shared server for the first spec.</summary>
public sealed class SharedRabbitMq : IAsyncLifetime
{
    private RabbitMqServer? _server;
    private Exception? _error;

    /// <summary>The server. Where there is none, the spec that asks is skipped, or fails in CI.</summary>
    public RabbitMqServer Server => _server ?? throw (_error is SkipException ? _error : new InvalidOperationException("The test server did not start.", _error));

    public async Task InitializeAsync()
    {
        try
        {
            _server = await RabbitMqServer.StartSharedAsync();
        }
        catch (Exception error)
        {
            _error = error;
        }
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}

/// <summary>Skips a test, as xunit's runner understands it.</summary>
public sealed class SkipException(string reason) : Exception("$XunitDynamicSkip$" + reason);
