using System.Runtime.InteropServices;

namespace Dramatiq.Akka.Cli;

/// <summary>Ctrl-C and SIGTERM of this process. The first of them ends the command, which sees to the exit code; a second one ends the process at once.</summary>
internal static class Interruption
{
    // Nothing of this is ever disposed of: a signal may come as long as there is a process.
    private static readonly CancellationTokenSource Source = new();
    private static PosixSignalRegistration[] _registrations = [];
    private static int _count;

    /// <summary>What the first signal cancels.</summary>
    public static CancellationToken Listen()
    {
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];
        return Source.Token;
    }

    private static void OnSignal(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _count) > 1)
            return;

        context.Cancel = true;
        Source.Cancel();
    }
}
