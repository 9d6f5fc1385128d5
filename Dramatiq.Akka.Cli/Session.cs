using System.CommandLine;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Cli.Output;

namespace Dramatiq.Akka.Cli;

/// <summary>One run of a command: whom it asks, where it writes, and the questions to whoever typed it.</summary>
internal sealed class Session : IDisposable
{
    private readonly bool _yes;

    private Session(Surroundings around, GlobalOptions options, ParseResult line)
    {
        Around = around;
        Paper = new Paper(around, line.GetValue(options.Json), options.HasColor(line));
        _yes = line.GetValue(options.Yes);
        Client = new ManagementClient(options.UrlOf(line), options.TokenOf(line), options.TimeoutOf(line), around.Time, options.OrderTimeoutOf(line));
    }

    public Surroundings Around { get; }

    public ManagementClient Client { get; }

    public Paper Paper { get; }

    /// <summary>Whether <see cref="ConfirmAsync"/> asks, so that what it would say is worth finding out.</summary>
    public bool Asks => !_yes;

    public DateTimeOffset Now => Around.Time.GetUtcNow();

    /// <summary>Runs a command, and makes an exit code of whatever happens.</summary>
    public static async Task<int> RunAsync(Surroundings around, GlobalOptions options, ParseResult line, Func<Session, CancellationToken, Task> run, CancellationToken stop)
    {
        try
        {
            using var session = new Session(around, options, line);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, around.Stop);
            await run(session, either.Token).ConfigureAwait(false);
            return ExitCodes.Ok;
        }
        catch (CommandFailure failure)
        {
            await TellAsync(around, failure).ConfigureAwait(false);
            return failure.ExitCode;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested || around.Stop.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
    }

    /// <summary>Says on the error output why a command ends.</summary>
    public static async Task TellAsync(Surroundings around, CommandFailure failure)
    {
        await around.Error.WriteLineAsync("dramatiq: " + SafeText.Lines(failure.Message)).ConfigureAwait(false);
        if (failure.Next is { } next)
            await around.Error.WriteLineAsync("  " + SafeText.Lines(next)).ConfigureAwait(false);
    }

    /// <summary>Asks before something that is not easily taken back.</summary>
    /// <param name="deed">What would be done: <c>delete 3 dead letters of queue 'default'</c>.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="CommandFailure">The answer was no, or nobody is there to give one.</exception>
    public async Task ConfirmAsync(string deed, CancellationToken stop)
    {
        if (_yes)
            return;
        if (!Around.IsInteractive)
            throw new CommandFailure(ExitCodes.Usage, $"This would {deed}, and there is no terminal to ask at. Nothing was done.", "Add --yes to do it without a question.");

        await Around.Error.WriteAsync(SafeText.Line($"{char.ToUpperInvariant(deed[0])}{deed[1..]}? [y/N] ")).ConfigureAwait(false);
        await Around.Error.FlushAsync(stop).ConfigureAwait(false);
        // Reading from a terminal cannot be called off, so Ctrl-C leaves it behind.
        var answer = await Task.Run(Around.In.ReadLine, stop).WaitAsync(stop).ConfigureAwait(false);
        if (answer?.Trim().ToUpperInvariant() is not ("Y" or "YES"))
            throw new CommandFailure(ExitCodes.Failed, "Nothing was done.");
    }

    /// <summary>Writes an answer: as it came with <c>--json</c>, else as the command shows it.</summary>
    public void Show<T>(Answer<T> answer, Action<T> show) where T : class
    {
        if (Paper.IsJson)
            Paper.Json(answer.Json);
        else
            show(answer.Value);
    }

    public void Dispose() => Client.Dispose();
}
