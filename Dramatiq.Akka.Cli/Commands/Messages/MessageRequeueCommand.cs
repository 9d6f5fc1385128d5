using System.CommandLine;

namespace Dramatiq.Akka.Cli.Commands.Messages;

/// <summary><c>dead requeue</c>; as <c>message requeue</c> it is the same.</summary>
internal sealed class MessageRequeueCommand(Scope scope) : MessageOrderCommand(scope, "requeue", "Puts dead letters back into their queue, as new.")
{
    protected override string Order => "requeue";

    protected override (string Verb, string Done) Words => ("requeue", "Requeued");

    protected override string PlaceOf(ParseResult line) => "dead";
}
