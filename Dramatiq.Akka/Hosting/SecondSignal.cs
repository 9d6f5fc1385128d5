using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Dramatiq.Akka.Hosting;

/// <summary>The first SIGTERM or SIGINT drains, which the host sees to; a second one ends the process at once, as in Dramatiq. Unacked messages go back to their queues.</summary>
internal sealed class SecondSignal : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private int _count;

    public SecondSignal() => _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal)];

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _count) < 2)
            return;

        // Neither Exit nor FailFast: the one runs Akka's shutdown hook and waits for it, the other writes a dump.
        using var process = Process.GetCurrentProcess();
        process.Kill();
    }
}
