using System.CommandLine;

namespace Dramatiq.Akka.Cli.Commands.Shells;

/// <summary>Prints what a shell needs to complete commands, options, and names of queues and actors.</summary>
internal sealed class CompletionCommand : Command
{
    private static readonly string[] Shells = ["bash", "zsh", "fish", "pwsh"];

    public CompletionCommand(Scope scope) : base("completion", "Prints a script that teaches a shell to complete this command; docs/cli.md tells where to put it.")
    {
        var shell = new Argument<string>("SHELL") { Description = "Which shell." };
        shell.AcceptOnlyFromAmong(Shells);
        Arguments.Add(shell);
        SetAction((line, stop) => PrintAsync(scope.Around, line.GetRequiredValue(shell), stop));
    }

    private static async Task<int> PrintAsync(Surroundings around, string shell, CancellationToken stop)
    {
        using var script = new StreamReader(typeof(CompletionCommand).Assembly.GetManifestResourceStream($"completion.dramatiq.{shell}")!);
        await around.Out.WriteAsync((await script.ReadToEndAsync(stop).ConfigureAwait(false)).AsMemory(), stop).ConfigureAwait(false);
        return ExitCodes.Ok;
    }
}
