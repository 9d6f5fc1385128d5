namespace Dramatiq.Akka.Cli;

/// <summary>What the program ends with. Scripts rely on these numbers: they do not change.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>The host, or its broker, could not do it; or the answer to a question was no.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong, or asks for what only <c>--yes</c> allows.</summary>
    public const int Usage = 2;

    /// <summary>Nobody answers at the address.</summary>
    public const int Unreachable = 3;

    /// <summary>The host wants another token, or is read-only.</summary>
    public const int NotAllowed = 4;

    /// <summary>There is no such queue, message or command.</summary>
    public const int NotFound = 5;

    /// <summary>The answer to an order did not come: it may have been carried out.</summary>
    public const int Unanswered = 6;

    /// <summary>An order by a filter, or for all, was carried out as far as the broker looks; more that matches may be further back.</summary>
    public const int Incomplete = 7;

    /// <summary>Ctrl-C, where it is not the way to end.</summary>
    public const int Interrupted = 130;
}
