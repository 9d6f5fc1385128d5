using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>Publishes messages that come of a group. Safe for any number of tasks.</summary>
internal sealed class GroupPublisher(MiddlewareServices services)
{
    /// <summary>How many are under way at once, so that a large group does not fill the gateway.</summary>
    private const int Portion = 256;

    /// <exception cref="EnqueueFailedException">It was not confirmed.</exception>
    public Task PublishAsync(Message message, TimeSpan? delay)
    {
        var completion = new TaskCompletionSource<Enqueued>(TaskCreationOptions.RunContinuationsAsynchronously);
        long? eta = delay is { } wait && wait > TimeSpan.Zero ? services.Time.GetUtcNow().ToUnixTimeMilliseconds() + (long)wait.TotalMilliseconds : null;
        services.Gateway.Tell(new GatewayProtocol.PublishAwaited(message, eta, completion), ActorRefs.NoSender);
        return completion.Task;
    }

    /// <exception cref="EnqueueFailedException">One was not confirmed; others may be in their queues.</exception>
    public async Task PublishAllAsync(IReadOnlyList<(Message Message, TimeSpan? Delay)> messages)
    {
        for (var start = 0; start < messages.Count; start += Portion)
        {
            var publishing = new Task[Math.Min(Portion, messages.Count - start)];
            for (var i = 0; i < publishing.Length; i++)
                publishing[i] = PublishAsync(messages[start + i].Message, messages[start + i].Delay);
            await Task.WhenAll(publishing).ConfigureAwait(false);
        }
    }
}
