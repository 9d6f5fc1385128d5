namespace Dramatiq.Akka.Tests.EndToEnd;

/// <summary>Asserts what becomes true soon, in real time, whatever clock the system under test has.</summary>
internal static class Eventually
{
    /// <summary>How long to wait for what only ends a test that has failed: a loaded machine may be slow.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task AssertAsync(Func<Task> assertion)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await assertion().WaitAsync(Patience);
                return;
            }
            catch (Exception) when (TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(45))
            {
                await Task.Delay(10);
            }
        }
    }

    public static Task AssertAsync(Action assertion) => AssertAsync(() =>
    {
        assertion();
        return Task.CompletedTask;
    });
}
