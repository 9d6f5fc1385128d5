using System.CommandLine;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Cli.Output;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Commands.Live;

internal sealed class TopCommand : SessionCommand
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeyInterval = TimeSpan.FromMilliseconds(100);

    private readonly Option<string?> _interval = new("--interval", "-i") { Description = "How often to ask: 1s unless told otherwise.", HelpName = "DURATION" };
    private readonly Option<bool> _once = new("--once") { Description = "Print it once and end, as where the output is no terminal." };

    public TopCommand(Scope scope) : base(scope, "top", "Queues and busy workers, live; q or Ctrl-C ends it. Where the output is no terminal, once.")
    {
        _interval.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && Durations.Parse(result.Tokens[0].Value) is not { TotalMilliseconds: >= 100 })
                result.AddError($"--interval cannot be '{result.Tokens[0].Value}'. Give a duration from 100ms on.");
        });
        Options.Add(_interval);
        Options.Add(_once);
    }

    protected override async Task RunAsync(Session session, ParseResult line, CancellationToken stop)
    {
        var first = await AskAsync(session.Client, stop).ConfigureAwait(false);
        if (session.Paper.IsJson)
            session.Paper.Json(first.ToJson());
        else if (line.GetValue(_once) || !session.Around.HasScreen)
            session.Paper.Write(TopPicture.Of(first, session.Now, session.Paper.Width, null, null));
        else
            await WatchAsync(session, first, line.GetValue(_interval) is { } text ? Durations.Parse(text)!.Value : DefaultInterval, stop).ConfigureAwait(false);
    }

    private static async Task WatchAsync(Session session, TopSnapshot snapshot, TimeSpan interval, CancellationToken stop)
    {
        using var view = new LiveView(session.Around, session.Paper);
        try
        {
            string? problem = null;
            while (true)
            {
                view.Draw((width, height) => TopPicture.Of(snapshot, session.Now, width, height, problem));
                if (await WasToldToEndAsync(session.Around, interval, stop).ConfigureAwait(false))
                    return;
                try
                {
                    snapshot = await AskAsync(session.Client, stop).ConfigureAwait(false);
                    problem = null;
                }
                catch (CommandFailure failure) when (failure.ExitCode is ExitCodes.Unreachable or ExitCodes.Failed)
                {
                    problem = failure.Message;   // the last picture stays, and says how old it is
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ctrl-C is how one ends it.
        }
    }

    private static async Task<bool> WasToldToEndAsync(Surroundings around, TimeSpan interval, CancellationToken stop)
    {
        for (var left = interval; left > TimeSpan.Zero; left -= KeyInterval)
        {
            while (around.Key() is { } key)
                if (key is 'q' or 'Q' or '\e')
                    return true;
            await Task.Delay(left < KeyInterval ? left : KeyInterval, around.Time, stop).ConfigureAwait(false);
        }

        return false;
    }

    private static async Task<TopSnapshot> AskAsync(ManagementClient client, CancellationToken stop)
    {
        var node = client.GetAsync<NodeReport>(Address.Of("node"), stop);
        var queues = client.GetAsync<QueueList>(Address.Of("queues"), stop);
        var pools = client.GetAsync<PoolList>(Address.Of("workers"), stop);
        await Task.WhenAll(node, queues, pools).ConfigureAwait(false);
        return new TopSnapshot(await node.ConfigureAwait(false), await queues.ConfigureAwait(false), await pools.ConfigureAwait(false), client.Url);
    }
}
