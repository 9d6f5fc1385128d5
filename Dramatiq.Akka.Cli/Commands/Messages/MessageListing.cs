using System.Globalization;
using Dramatiq.Akka.Cli.Output;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Commands.Messages;

/// <summary>Messages as rows, with the columns that fit where they are.</summary>
internal static class MessageListing
{
    public static Listing Of(IReadOnlyList<MessageSummary> messages, string place, DateTimeOffset now)
    {
        var isDead = place == "dead";
        // A broker may call a message by a key of its own, but logs, callers and Python know it by its message_id.
        var hasOwnKeys = messages.Any(static message => message.MessageId is { } id && id != message.Key);
        var when = place switch { "dead" => "DIED", "delayed" => "DUE", _ => "MADE" };
        List<Column> columns = [new("KEY"), new("ACTOR", Least: 12), new("ARGUMENTS", Least: 20), new(when), new("RETRIES", true, Rank: 1)];
        if (isDead)
            columns.Add(new("REASON", Least: 20));
        columns.Add(new("SIZE", true, Rank: 2));
        if (hasOwnKeys)
            columns.Add(new("MESSAGE", Rank: 3));

        var listing = new Listing([.. columns]);
        foreach (var message in messages)
        {
            List<Cell> cells =
            [
                message.Key, message.ActorName is { } actor ? actor : new Cell("(no message)", Styles.Bad), message.Arguments, When(message, place, now),
                message.Retries.ToString(CultureInfo.InvariantCulture),
            ];
            if (isDead)
                cells.Add(message.Reason ?? Units.Unknown);
            cells.Add(Units.Bytes(message.Bytes));
            if (hasOwnKeys)
                cells.Add(message.MessageId ?? Units.Unknown);
            listing.Add([.. cells]);
        }

        return listing;
    }

    private static string When(MessageSummary message, string place, DateTimeOffset now) => place switch
    {
        "dead" => Units.Ago(message.DiedAt, now),
        "delayed" => Units.In(message.Due, now),
        _ => Units.Ago(message.CreatedAt, now),
    };
}
