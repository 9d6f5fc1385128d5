namespace Dramatiq.Akka.Cli;

/// <summary>Ends a command.</summary>
/// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
/// <param name="what">What happened, as a sentence.</param>
/// <param name="next">What to try; null when the sentence says it.</param>
internal sealed class CommandFailure(int exitCode, string what, string? next = null) : Exception(what)
{
    public int ExitCode { get; } = exitCode;

    public string? Next { get; } = next;
}
