using Dramatiq.Akka.Hosting;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>Waits until an order has reached the consumer.</summary>
internal static class Quiet
{
    public static async Task AfterPauseAsync(TaskSystem tasks)
    {
        // A pause is an order without an answer: publish only when the consumer has had time to give its credit back.
        _ = tasks;
        await Task.Delay(100);
    }
}
