using System.CommandLine;

namespace Dramatiq.Akka.Cli.Commands;

/// <summary>A command that asks a host.</summary>
internal abstract class SessionCommand : Command
{
    protected SessionCommand(Scope scope, string name, string description) : base(name, description)
    {
        Scope = scope;
        SetAction((line, stop) => Session.RunAsync(scope.Around, scope.Options, line, (session, either) => RunAsync(session, line, either), stop));
    }

    protected Scope Scope { get; }

    protected abstract Task RunAsync(Session session, ParseResult line, CancellationToken stop);
}

/// <summary>What all commands of one command line share.</summary>
internal sealed record Scope(Surroundings Around, GlobalOptions Options, Catalog Catalog);
