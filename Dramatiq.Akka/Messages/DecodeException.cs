namespace Dramatiq.Akka.Messages;

/// <summary>Bytes that are no message, or no JSON as Python writes it.</summary>
/// <param name="problem">What is wrong, without a full stop.</param>
/// <param name="offset">The byte at which it is wrong, counted from 0; -1 if the fault has no place.</param>
/// <param name="field">The field of the message in which it is wrong; null if none is known.</param>
public sealed class DecodeException(string problem, long offset, string? field = null) : DramatiqException(Text(problem, offset, field))
{
    /// <summary>The byte at which the input is wrong, counted from 0; -1 if the fault has no place.</summary>
    public long Offset { get; } = offset;

    internal string Problem { get; } = problem;

    internal string? Field { get; } = field;

    private static string Text(string problem, long offset, string? field) =>
        $"Cannot decode: {problem}{(field is null ? "" : $", in field '{field}'")}{(offset < 0 ? "" : $", at byte {offset}")}.";
}
