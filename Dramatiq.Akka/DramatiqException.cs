namespace Dramatiq.Akka;

/// <summary>The root of every exception that this library throws on its own account. Python's counterpart is <c>DramatiqError</c>.</summary>
public class DramatiqException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Whether trying the same message again is bound to end the same way, so that it goes to the dead-letter queue without a retry.</summary>
    public virtual bool IsPermanent => false;
}
