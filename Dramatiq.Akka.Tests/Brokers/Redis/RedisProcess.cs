using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>One redis-server on 127.0.0.1, which a test may do anything to.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private const string Binary = "redis-server";
    private readonly Process _process;

    private RedisProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    /// <summary>Why there is no server; null when one can be had.</summary>
    public static string? WhyNot { get; } = FindBinary() is not null || Environment.GetEnvironmentVariable("CI") == "true"
        ? null
        : $"There is no {Binary} here. Run scripts/install-test-servers.sh, or set DRAMATIQ_TEST_REDIS to the URL of a server.";

    public int Port { get; }

    /// <summary>Starts a server and waits until it listens.</summary>
    /// <param name="port">The port that it will listen on.</param>
    /// <param name="arguments">Its whole command line.</param>
    /// <exception cref="NoRedisException">There is none, and the test is skipped with the reason.</exception>
    public static async Task<RedisProcess> StartAsync(int port, params string[] arguments)
    {
        if (WhyNot is { } reason) throw new NoRedisException(reason);
        var binary = FindBinary() ?? throw new InvalidOperationException($"There is no {Binary}, and CI must not skip its tests: run scripts/install-test-servers.sh.");
        var process = Process.Start(new ProcessStartInfo(binary, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await ListensAsync(port, deadline.Token))
        {
            if (process.HasExited) throw new InvalidOperationException($"{Binary} ended at once, with code {process.ExitCode}.");
            await Task.Delay(20, deadline.Token);
        }

        return new RedisProcess(process, port);
    }

    /// <summary>Ends it as a crash would.</summary>
    public async ValueTask DisposeAsync() => await _process.EndAsync();

    /// <summary>With TLS it cannot be asked more than this; without, it answers whatever it is doing: that it is loading its file, or that a password is missing.</summary>
    private static async Task<bool> ListensAsync(int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string? FindBinary() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(static folder => Path.Combine(folder, Binary)).FirstOrDefault(File.Exists);
}

/// <summary>Skips a test that needs what is not here.</summary>
public sealed class NoRedisException(string reason) : Exception("$XunitDynamicSkip$" + reason);
