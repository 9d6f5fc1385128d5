using Dramatiq.Akka.Results;

namespace Dramatiq.Akka;

/// <summary>A task that follows a group wants the results of its members, and one of them is not there: it was not stored, or not kept for long enough, or its store was lost. Counts as a failed attempt.</summary>
public sealed class GroupResultMissingException(ResultKey key, string why) : DramatiqException(
    $"The result of {key.ActorName} {key.MessageId} on {key.Queue}, a member of the group before, {why}.")
{
    /// <summary>Which result.</summary>
    public ResultKey Key { get; } = key;
}
