namespace Dramatiq.Akka;

/// <summary>
/// The arguments of a message do not fit its handler, which has not run. Trying again cannot help, so such a message is
/// not retried.
/// </summary>
public sealed class ArgumentBindingException : DramatiqException
{
    internal ArgumentBindingException(string actorName, string? parameter, string problem, Exception? innerException = null)
        : base($"{actorName}: {problem}", innerException)
    {
        ActorName = actorName;
        Parameter = parameter;
    }

    /// <summary>The actor that the message is for.</summary>
    public string ActorName { get; }

    /// <summary>The parameter as on the wire; null when no single one is at fault.</summary>
    public string? Parameter { get; }

    /// <inheritdoc />
    public override bool IsPermanent => true;
}
