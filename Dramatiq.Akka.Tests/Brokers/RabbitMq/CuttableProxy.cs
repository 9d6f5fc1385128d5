using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

/// <summary>Stands between a broker and its server, so that a spec can cut or hold up what goes through it without a warning to either side.</summary>
internal sealed class CuttableProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, byte> _open = new();
    private readonly Uri _target;
    private readonly Task _accepting;
    private volatile bool _refuses;
    private volatile TaskCompletionSource? _held;
    private volatile byte[]? _last;

    public CuttableProxy(string target)
    {
        _target = new Uri(target);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => new UriBuilder(_target) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri.ToString();

    /// <summary>Resets every connection; new ones are let through.</summary>
    public void Cut()
    {
        foreach (var client in _open.Keys)
            Reset(client);
    }

    /// <summary>Cuts, and lets nothing through until <see cref="Restore"/>.</summary>
    public void Refuse()
    {
        _refuses = true;
        Cut();
    }

    public void Restore() => _refuses = false;

    /// <summary>Lets nothing through, in either direction, until <see cref="Flow"/>; the connections stay.</summary>
    public void Hold() => _held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Holds as soon as something with this text has come: it is the last that goes through.</summary>
    public void HoldAfter(string text) => _last = Encoding.UTF8.GetBytes(text);

    public bool IsHeld => _held is not null;

    public void Flow()
    {
        _held?.TrySetResult();
        _held = null;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        Flow();
        Cut();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception error) when (error is SocketException or InvalidOperationException)
        {
            // it was stopped while it waited, or before it waited again
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        if (_refuses)
        {
            Reset(client);
            return;
        }

        using var server = new TcpClient();
        try
        {
            await server.ConnectAsync(_target.Host, _target.Port);
            client.NoDelay = server.NoDelay = true;
            _open.TryAdd(client, 0);
            _open.TryAdd(server, 0);
            await Task.WhenAny(CopyAsync(client.GetStream(), server.GetStream()), CopyAsync(server.GetStream(), client.GetStream()));
        }
        catch (Exception error) when (error is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
        }
        finally
        {
            Reset(client);
            Reset(server);
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReadAsync(buffer) is > 0 and var count)
        {
            if (_last is { } last && buffer.AsSpan(0, count).IndexOf(last) >= 0)
            {
                _last = null;
                Hold();
            }
            else if (_held is { } held)
            {
                await held.Task;
            }

            await to.WriteAsync(buffer.AsMemory(0, count));
        }
    }

    private void Reset(TcpClient client)
    {
        _open.TryRemove(client, out _);
        try
        {
            client.Client?.Close(0);
        }
        catch (ObjectDisposedException)
        {
        }
    }
}
