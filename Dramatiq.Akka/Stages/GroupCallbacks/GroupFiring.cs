using Dramatiq.Akka.Messages;
using Dramatiq.Akka.RateLimits;

namespace Dramatiq.Akka.Stages;

/// <summary>
/// Publishes the callbacks of a group. Who does is settled before: the one member that arrived last, which stays so when it is redelivered. A mark says that they are published; a process killed
/// just before the mark publishes them again, under another token, and whoever runs a callback lets one token run alone.
/// </summary>
internal sealed class GroupFiring(IRateLimiterBackend backend, GroupPublisher publisher, GroupResults? results, GroupCallbacksSettings settings)
{
    /// <param name="barrier">The barrier that was reached.</param>
    /// <param name="callbacks">A JSON array of messages.</param>
    /// <param name="failure">What a failure callback is told.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task FireAsync(string barrier, ReadOnlyMemory<byte> callbacks, GroupFailure? failure, CancellationToken cancellationToken)
    {
        var mark = GroupKeys.Fired(barrier);
        if (!await backend.IncrementAsync(mark, 0, 0, settings.BarrierTtl, cancellationToken).ConfigureAwait(false))
            return;   // published, and marked as that

        var token = Message.NewId();
        var messages = new List<(Message, TimeSpan?)>();
        foreach (var callback in MessagesOf(callbacks))
        {
            var message = results is null ? callback : await results.TryFillAsync(callback, cancellationToken).ConfigureAwait(false);
            var options = message.Options.With(OptionNames.GroupFiring, token);
            if (failure is not null)
                options = options.WithRaw(OptionNames.GroupFailure, failure.Write());
            messages.Add((message.With(options: options), GroupCallbacksSettings.DelayOf(options)));
        }

        await publisher.PublishAllAsync(messages).ConfigureAwait(false);
        await backend.IncrementAsync(mark, 1, 1, settings.BarrierTtl, cancellationToken).ConfigureAwait(false);
    }

    private static List<Message> MessagesOf(ReadOnlyMemory<byte> json)
    {
        var messages = new List<Message>();
        var reader = new WireReader(json.Span);
        reader.EnterArray();
        while (reader.NextItem())
            messages.Add(Message.DecodeNested(json[reader.Skip()]));
        return messages;
    }
}
