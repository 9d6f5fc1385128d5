using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>
/// Counts how far groups are, fires their callbacks, and gives their results to the step of a pipeline that follows. Works with the middleware of that name in Python's Dramatiq, on its keys. The first
/// of the defaults; it needs the backend that <c>WithRedisRateLimits(…)</c> or <c>WithInMemoryRateLimits()</c> names. See <see cref="Group"/>.
/// </summary>
/// <remarks>How a member ended is counted once its result is stored, and before its delivery is settled; the worker does not wait for it.</remarks>
public sealed class GroupCallbacks : Middleware
{
    internal GroupCallbacks(GroupCallbacksSettings settings) => Settings = settings;

    /// <inheritdoc />
    public override IReadOnlyList<string> MessageOptions { get; } =
        [OptionNames.GroupCompletionUuid, OptionNames.GroupMemberships, OptionNames.GroupMembers, OptionNames.GroupResults, OptionNames.GroupFiring];

    /// <inheritdoc />
    public override Props ProcessingStage => Props.Create(() => new GroupCallbacksStage(Services));

    /// <summary>Only a message can call for it.</summary>
    public override bool IsNeededBy(DeclaredActor actor) => false;

    internal GroupCallbacksSettings Settings { get; }
}
