namespace Dramatiq.Akka;

/// <summary>The root of every exception that this library throws on its own account. Python's counterpart is <c>DramatiqError</c>.</summary>
public class DramatiqException : Exception
{
    /// <summary>Creates the exception.</summary>
    public DramatiqException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}
