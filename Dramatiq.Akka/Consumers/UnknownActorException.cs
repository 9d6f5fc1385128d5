namespace Dramatiq.Akka;

/// <summary>A message is for an actor that this process does not run. It is dead-lettered. Python's <c>ActorNotFound</c>.</summary>
public sealed class UnknownActorException(string actor, string known) : DramatiqException(
    $"No actor '{actor}' is declared to run here (known: {known}).")
{
    /// <inheritdoc />
    public override bool IsPermanent => true;
}
