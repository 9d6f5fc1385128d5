using System.Net;
using System.Net.Sockets;

namespace Dramatiq.Akka.Tests;

/// <summary>
/// Ports for servers that are about to start. Those that the system gives away by itself are passed over: a connection of somebody else's could have one before the server does. None is given twice.
/// </summary>
internal static class FreePort
{
    private const int First = 20_000;
    private const int Count = 10_000;
    private static int _next = Random.Shared.Next(Count);

    public static int Take()
    {
        for (var attempt = 0; attempt < Count; attempt++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _next) % Count);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody listens there.
            }
        }

        throw new InvalidOperationException($"No port from {First} on is free.");
    }
}
