namespace Dramatiq.Akka.Messages;

/// <summary>A JSON value that is not what a .NET type needs, or a .NET value that has no JSON form.</summary>
public sealed class WireTypeException : DramatiqException
{
    internal WireTypeException(ReadOnlySpan<byte> json, Type type, string expected, Exception? innerException = null)
        : base($"A {TypeNames.Of(type)} cannot be read from {Messages.Excerpt.Of(json)}: {expected}.", innerException)
    {
        Excerpt = Messages.Excerpt.Of(json);
        Expected = expected;
    }

    internal WireTypeException(Type type, Exception innerException)
        : base($"A value of type {TypeNames.Of(type)} cannot be written as JSON: {innerException.Message}", innerException)
    {
        Excerpt = "";
        Expected = innerException.Message;
    }

    /// <summary>What is needed instead, as a clause without a full stop.</summary>
    public string Expected { get; }

    /// <summary>The start of the value, at most 40 characters; empty when writing failed.</summary>
    public string Excerpt { get; }
}
