namespace Dramatiq.Akka;

/// <summary>A message names, in one of its options, an actor that this process does not know. It is dead-lettered before it runs.</summary>
public sealed class UnknownTargetException(string actor, string option, string target, string known) : DramatiqException(
    $"'{actor}': option '{option}' of the message names actor '{target}', which is not declared here (known: {known}). Declare it, without a handler if it runs elsewhere, and requeue the message.")
{
    /// <inheritdoc />
    public override bool IsPermanent => true;
}
