namespace Dramatiq.Akka.Workers;

/// <summary>Disposes what an actor leaves behind without keeping the actor waiting.</summary>
internal static class Disposal
{
    /// <summary>Starts the disposal. A failure goes to the task, which nobody needs to await: what is disposed is of no more use either way.</summary>
    public static async Task InBackground(IAsyncDisposable resource)
    {
        try
        {
            await resource.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            System.Diagnostics.Trace.TraceWarning("Disposing a DI scope failed: {0}", error);
        }
    }
}
