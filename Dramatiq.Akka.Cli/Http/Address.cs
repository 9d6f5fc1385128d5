namespace Dramatiq.Akka.Cli.Http;

/// <summary>Makes addresses beneath that of the management.</summary>
internal static class Address
{
    /// <summary>Joins the parts, each as one segment, whatever it holds.</summary>
    /// <exception cref="CommandFailure">A part cannot be a segment: a URL takes <c>..</c> for the folder above, however it is written.</exception>
    public static string Of(params ReadOnlySpan<string> parts)
    {
        var path = "api";
        foreach (var part in parts)
            path += "/" + Segment(part);
        return path;
    }

    public static string Segment(string part) => part is "" or "." or ".."
        ? throw new CommandFailure(ExitCodes.Usage, $"'{part}' is no name.")
        : Uri.EscapeDataString(part);

    /// <summary>The query, with its question mark; empty for none.</summary>
    public static string Query(IEnumerable<KeyValuePair<string, string>> arguments)
    {
        var query = string.Join('&', arguments.Select(static one => Uri.EscapeDataString(one.Key) + "=" + Uri.EscapeDataString(one.Value)));
        return query.Length == 0 ? "" : "?" + query;
    }
}
