using System.CommandLine;

namespace Dramatiq.Akka.Cli.Commands.Messages;

internal sealed class MessageRunNowCommand(Scope scope) : MessageOrderCommand(scope, "run-now", "Runs delayed messages now.")
{
    protected override string Order => "run-now";

    protected override (string Verb, string Done) Words => ("run now", "Put up to run now:");

    protected override string PlaceOf(ParseResult line) => "delayed";
}
