using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Composition;

/// <summary>A part of a composition, ready to be enqueued: what starts it, and where its results will be.</summary>
/// <param name="Messages">What is enqueued to start it.</param>
/// <param name="Barriers">What must be there before.</param>
/// <param name="Shape">Its results.</param>
internal sealed record Linked(IReadOnlyList<Message> Messages, IReadOnlyList<(string Key, int Parties)> Barriers, ResultShape Shape)
{
    /// <summary>One message that stands for all of them, since whoever runs the step before enqueues one: it brings the others along.</summary>
    public Message AsOne()
    {
        if (Messages.Count == 1 && Barriers.Count == 0)
            return Messages[0];

        var carrier = Carrier();
        return carrier.With(options: carrier.Options.WithRaw(
            OptionNames.GroupMembers,
            GroupSpread.Write(PipedArguments.Count(carrier.Args.Span, out _), Barriers, Messages.Where(message => message != carrier))));
    }

    /// <summary>One that takes the result, so that the others can be given it, and of those the one that starts first.</summary>
    private Message Carrier() => Messages.MinBy(static message =>
        (message.Options.IsTruthy(OptionNames.PipeIgnore), GroupCallbacksSettings.DelayOf(message.Options) ?? TimeSpan.Zero))!;
}
