using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka;

/// <summary>
/// A task that has no C# type: an actor by its name, with arguments. For an actor that is declared here its queue is known; for any other, one of Python's say,
/// name the queue.
/// </summary>
/// <param name="ActorName">The <c>actor_name</c> on the wire.</param>
/// <param name="Args">The positional arguments.</param>
public sealed record ActorCall(string ActorName, params object?[] Args) : INoSerializationVerificationNeeded
{
    /// <summary>The queue; null for the declared actor's.</summary>
    public string? Queue { get; init; }

    /// <summary>Arguments by name.</summary>
    public IReadOnlyDictionary<string, object?>? Kwargs { get; init; }

    /// <summary>A JSON array of positional arguments, in place of <see cref="Args"/>.</summary>
    public JsonText? JsonArgs { get; init; }

    /// <summary>A pipeline: this, and then the other with its result.</summary>
    public static Pipeline operator |(ActorCall left, object right) => Pipeline.Of(left, right);

    /// <summary>A pipeline: this, and then the other with its result.</summary>
    public static Pipeline operator |(ActorCall left, Pipeline right) => Pipeline.Of(left, right);
}
