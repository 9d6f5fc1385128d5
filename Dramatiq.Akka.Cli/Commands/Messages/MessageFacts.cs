using System.Globalization;
using Dramatiq.Akka.Cli.Output;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Commands.Messages;

/// <summary>One message whole, as text.</summary>
internal static class MessageFacts
{
    public static Facts Of(MessageDetail message, DateTimeOffset now)
    {
        var facts = new Facts();
        var summary = message.Summary;
        facts.Add("message", summary.MessageId ?? "(none: its body is no message)");
        facts.Add("key", summary.Key == summary.MessageId ? null : summary.Key);
        facts.Add("problem", message.Problem, Styles.Bad);
        facts.Add("actor", summary.ActorName);
        facts.Add("queue", $"{message.Queue}, {(message.Place is MessagePlace.InHand ? "in hand" : Parameters.Word(message.Place))}");
        facts.Add("made", summary.CreatedAt is { } made ? $"{Units.Time(made)} ({Units.Ago(made, now)})" : null);
        facts.Add("due", summary.Due is { } due ? $"{Units.Time(due)} ({Units.In(due, now)})" : null);
        facts.Add("died", summary.DiedAt is { } died ? $"{Units.Time(died)} ({Units.Ago(died, now)})" : null);
        facts.Add("attempts", Units.Count(message.Attempts));
        facts.Add("worker", message.Worker is { } worker ? $"{worker.Worker}, attempt {worker.Attempt}, for {Units.Duration(worker.RunningMs)}{(worker.IsAbandoned ? ", abandoned" : "")}" : null);
        facts.Add("size", Units.Bytes(summary.Bytes));
        facts.Add("args", message.Args ?? summary.Arguments);
        facts.Add("kwargs", message.Kwargs is null or "{}" ? null : message.Kwargs);
        foreach (var (name, value) in message.Options.Where(static option => option.Key is not ("traceback" or "dead_letter")).OrderBy(static option => option.Key, StringComparer.Ordinal))
            facts.Add("option " + SafeText.Line(name), value);
        facts.Add("reason", summary.Reason, Styles.Bad);
        facts.Add("error", message.ErrorType is { } type ? message.ErrorMessage is { } text ? $"{type}: {text}" : type : message.ErrorMessage, Styles.Bad);
        facts.Add("stack", message.Traceback?.TrimEnd());
        return facts;
    }

    public static Listing LifeOf(MessageLife life)
    {
        var listing = new Listing(new Column("WHEN"), new Column("WHAT"), new Column("ATTEMPT", true, Rank: 1), new Column("WHERE", Least: 10, Rank: 2), new Column("NOTE", Least: 12));
        foreach (var step in life.Steps)
            listing.Add(
                Units.Time(step.At), Word(step.State), step.Attempt.ToString(CultureInfo.InvariantCulture), step.Node,
                step.Due is { } due ? $"due {Units.Time(due)}{(step.Note is { } why ? ": " + why : "")}" : step.Note ?? "");
        return listing;
    }

    private static Cell Word(LifeState state) => new(state.ToString().ToLowerInvariant(), state switch
    {
        LifeState.Done => Styles.Good,
        LifeState.Dead => Styles.Bad,
        LifeState.Retried or LifeState.Returned => Styles.Warning,
        _ => Styles.Plain,
    });
}
