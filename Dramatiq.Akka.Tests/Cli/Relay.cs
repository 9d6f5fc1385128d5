using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Dramatiq.Akka.Tests.Cli;

/// <summary>Stands between a client and a host, and cuts their connections when it is told to.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<TcpClient> _open = [];
    private readonly Task _accepting;

    public Relay()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri? Target { get; set; }

    public Uri Address => new($"http://{_listener.LocalEndpoint}/");

    public void Cut()
    {
        while (_open.TryTake(out var client))
            client.Close();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
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
            // It was stopped.
        }
    }

    private async Task ServeAsync(TcpClient near)
    {
        var far = new TcpClient();
        _open.Add(near);
        _open.Add(far);
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, Target!.Port);
            _ = CopyAsync(near, far);
            _ = CopyAsync(far, near);
        }
        catch (Exception error) when (error is SocketException or InvalidOperationException)
        {
            near.Close();   // it was cut, or the host is away
            far.Close();
        }
    }

    private static async Task CopyAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It was cut.
        }

        to.Close();
    }
}
