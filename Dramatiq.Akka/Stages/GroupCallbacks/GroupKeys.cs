using System.Globalization;

namespace Dramatiq.Akka.Stages;

/// <summary>The counters of a group. The barrier of its completion is Python's: the group's id and nothing else. On a Redis Cluster that id is a hash tag, which all of them begin with.</summary>
internal static class GroupKeys
{
    /// <summary>The barrier of its ends, however they came about.</summary>
    public static string Ends(string id) => id + "@ends";

    /// <summary>That a member has failed: only its mark <see cref="Fired"/> is used, since each that fails may tell.</summary>
    public static string Failure(string id) => id + "@failure";

    /// <summary>Whether the callbacks of this barrier have been published.</summary>
    public static string Fired(string barrier) => barrier + "@fired";

    /// <summary>Which publication of a callback is the one that runs. The tag keeps on one node of a Redis Cluster what a barrier has beside its key.</summary>
    public static string Run(string messageId) => "{" + messageId + "}@run";

    /// <summary>Whether the members that a message brings along have been published.</summary>
    public static string Spread(string messageId) => messageId + "@spread";

    public static string Member(int end) => end.ToString(CultureInfo.InvariantCulture);
}
