using System.CommandLine;
using System.CommandLine.Completions;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Commands;

/// <summary>Parameters that several commands have. Each command gets its own.</summary>
internal static class Parameters
{
    public static Argument<string> Queue(Scope scope) => Completed(new Argument<string>("QUEUE") { Description = "The queue, without .DQ or .XQ." }, scope);

    public static Argument<string?> SomeQueue(Scope scope) =>
        Completed(new Argument<string?>("QUEUE") { Description = "The queue; every one without.", Arity = ArgumentArity.ZeroOrOne }, scope);

    public static Argument<string[]> Ids() =>
        new("ID") { Description = "Keys or message_ids, as lists show them; or a filter in their place.", Arity = ArgumentArity.ZeroOrMore };

    public static Option<bool> Everywhere() => new("--everywhere") { Description = "For every process, also those that start later; else for the one that is asked alone." };

    public static Option<string?> Place(string description, params string[] places)
    {
        var place = new Option<string?>("--place", "-p") { Description = description, HelpName = string.Join('|', places) };
        place.AcceptOnlyFromAmong(places);
        return place;
    }

    /// <summary>What a place holds, for sentences.</summary>
    public static string PlaceName(string place, long count) => (place, count) switch
    {
        ("dead", 1) => "dead letter",
        ("dead", _) => "dead letters",
        ("ready", 1) => "waiting message",
        ("ready", _) => "waiting messages",
        (_, 1) => place + " message",
        _ => place + " messages",
    };

    public static string Word(MessagePlace place) => place switch
    {
        MessagePlace.Ready => "ready",
        MessagePlace.Delayed => "delayed",
        MessagePlace.InHand => "inHand",
        _ => "dead",
    };

    private static Argument<T> Completed<T>(Argument<T> queue, Scope scope)
    {
        queue.CompletionSources.Add(_ => scope.Catalog.Queues.Select(static name => new CompletionItem(name)));
        return queue;
    }
}
