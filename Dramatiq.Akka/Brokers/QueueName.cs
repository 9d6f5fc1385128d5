using System.Text.RegularExpressions;

namespace Dramatiq.Akka.Brokers;

/// <summary>Dramatiq's rule for queue names, and the names of the queues that belong to one.</summary>
public static partial class QueueName
{
    private const string DelaySuffix = ".DQ";
    private const string DeadSuffix = ".XQ";

    /// <summary>Whether the name is one that Dramatiq takes: a letter or underscore, then letters, digits, dots, dashes or underscores.</summary>
    public static bool IsValid(string name) => Rule().IsMatch(name);

    /// <summary>Gives the name back if it is valid.</summary>
    /// <exception cref="ArgumentException">It is not; the text says the rule and the name.</exception>
    public static string Checked(string name) => IsValid(name)
        ? name
        : throw new ArgumentException(
            $"'{name}' is no queue name: it must start with a letter or an underscore, and go on with letters, digits, dots, dashes or underscores.", nameof(name));

    /// <summary>The queue itself: <c>q</c> for <c>q</c>, <c>q.DQ</c> and <c>q.XQ</c>.</summary>
    public static string Canonical(string queue) => IsDelay(queue) || IsDead(queue) ? queue[..^DelaySuffix.Length] : queue;

    /// <summary>The delay queue: <c>q.DQ</c> for <c>q</c>, <c>q.DQ</c> and <c>q.XQ</c>.</summary>
    public static string Delay(string queue) => IsDelay(queue) ? queue : Canonical(queue) + DelaySuffix;

    /// <summary>The dead-letter queue: <c>q.XQ</c> for <c>q</c>, <c>q.DQ</c> and <c>q.XQ</c>.</summary>
    public static string Dead(string queue) => IsDead(queue) ? queue : Canonical(queue) + DeadSuffix;

    /// <summary>Whether the name is a delay queue's.</summary>
    public static bool IsDelay(string queue) => queue.EndsWith(DelaySuffix, StringComparison.Ordinal);

    /// <summary>Whether the name is a dead-letter queue's.</summary>
    public static bool IsDead(string queue) => queue.EndsWith(DeadSuffix, StringComparison.Ordinal);

    [GeneratedRegex(@"\A[a-zA-Z_][a-zA-Z0-9._-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Rule();
}
