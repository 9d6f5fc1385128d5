using System.CommandLine;

namespace Dramatiq.Akka.Cli.Commands.Messages;

/// <summary><c>message delete</c>, and <c>dead delete</c> which is the same for one place.</summary>
internal sealed class MessageDeleteCommand : MessageOrderCommand
{
    private readonly Option<string?> _place = Parameters.Place("Where they are.", "ready", "delayed", "dead");
    private readonly string? _onlyPlace;

    private MessageDeleteCommand(Scope scope, string? onlyPlace, string description) : base(scope, "delete", description)
    {
        _onlyPlace = onlyPlace;
        _place.Required = true;
        if (onlyPlace is null)
            Options.Add(_place);
    }

    protected override string Order => "delete";

    protected override (string Verb, string Done) Words => ("delete", "Deleted");

    protected override bool Destroys => true;

    protected override bool NamesPlace => true;

    public static MessageDeleteCommand Of(Scope scope) => new(scope, null, "Drops messages that wait, are delayed, or dead.");

    public static MessageDeleteCommand OfDead(Scope scope) => new(scope, "dead", "Drops dead letters.");

    protected override string PlaceOf(ParseResult line) => _onlyPlace ?? line.GetRequiredValue(_place)!;
}
