using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>Where to go after an order. It comes from a form, so it may lead nowhere but into the dashboard.</summary>
internal static class Addresses
{
    public static string Back(string root, string? given) =>
        given is not null && given.StartsWith(root + "/", StringComparison.Ordinal) && !given.StartsWith("//", StringComparison.Ordinal) && given.AsSpan().IndexOfAny('\\', '\r', '\n') < 0 ? Bare(given) : root + "/";

    /// <summary>With what was done, for <see cref="Notices"/> to say.</summary>
    public static string Saying(string back, string order, long count, bool isComplete)
    {
        var fields = new Dictionary<string, string?> { ["said"] = order, ["n"] = count.ToString(CultureInfo.InvariantCulture) };
        if (!isComplete)
            fields["partly"] = "1";
        return QueryHelpers.AddQueryString(back, fields);
    }

    /// <summary>Without what was said the last time.</summary>
    public static string Bare(string address)
    {
        var question = address.IndexOf('?', StringComparison.Ordinal);
        if (question < 0)
            return address;

        var kept = QueryHelpers.ParseQuery(address[question..]).Where(static field => field.Key is not ("said" or "n" or "partly")).SelectMany(static field => field.Value, static (field, value) => KeyValuePair.Create(field.Key, value));
        return QueryHelpers.AddQueryString(address[..question], kept);
    }
}
