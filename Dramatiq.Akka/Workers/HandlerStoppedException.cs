namespace Dramatiq.Akka;

/// <summary>The Akka actor that had a message in hand was stopped before it was done. Counts as a failed attempt.</summary>
public sealed class HandlerStoppedException(string actor, string stopped) : DramatiqException(
    $"'{actor}': the Akka actor '{stopped}' was stopped with the message in hand.");
