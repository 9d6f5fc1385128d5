using System.Globalization;
using Dramatiq.Akka.Inspection;
using Microsoft.AspNetCore.Http;

namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>An order as a form says it.</summary>
internal sealed record PostedOrder(
    string Name, string Queue, MessagePlace Place, IReadOnlyList<string> Ids, MessageFilter? Filter, bool IsForAll, bool Everywhere, int Workers, bool IsConfirmed, string Back)
{
    /// <summary>What takes away what cannot be had back, or takes many, is asked about first.</summary>
    public bool NeedsConfirmation => !IsConfirmed && (Name is "purge" or "delete" || IsForAll);

    public static PostedOrder Read(IFormCollection form, string root)
    {
        string? Field(string name) => form[name].ToString() is { Length: > 0 } text ? text : null;

        var ids = form["id"].OfType<string>().Where(static id => id.Length > 0).ToArray();
        var order = new PostedOrder(
            Field("order") ?? "", Field("queue") ?? "", Places.Of(Field("place")), ids, FilterFields.Read(Field), Field("all") == "true", Field("everywhere") == "true",
            int.TryParse(Field("workers"), NumberStyles.None, CultureInfo.InvariantCulture, out var workers) ? workers : 0, Field("confirmed") == "yes", Addresses.Back(root, Field("back")));
        return order.Name is "requeue" or "delete" or "run-now" && ids.Length == 0 && !order.IsForAll
            ? throw new InspectionException(InspectionFailure.Invalid, "Nothing is selected. Tick the messages that are meant.")
            : order;
    }

    /// <summary>The same order as fields of a form. What is meant by a filter ends at the time of the count, so that no more is taken than was asked about.</summary>
    public IEnumerable<(string Name, string? Value)> Fields(DateTimeOffset? asOf)
    {
        yield return ("queue", Queue);
        yield return ("place", Places.NameOf(Place));
        yield return ("back", Back);
        foreach (var id in Ids)
            yield return ("id", id);
        if (!IsForAll)
            yield break;

        yield return ("all", "true");
        foreach (var field in FilterFields.Of((Filter ?? new MessageFilter()) with { DiedUntil = Place is MessagePlace.Dead ? asOf : null }))
            yield return field;
    }

    public IReadOnlyList<string>? IdsOrNull => IsForAll ? null : Ids;

    public MessageFilter? FilterOrNull => IsForAll ? Filter ?? new MessageFilter() : null;
}
