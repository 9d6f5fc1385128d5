namespace Dramatiq.Akka;

/// <summary>An actor, task, queue or middleware is declared wrongly. Thrown while the host starts; the text names what is wrong and what to do.</summary>
public sealed class DeclarationException(string message, Exception? innerException = null) : DramatiqException(message, innerException);
