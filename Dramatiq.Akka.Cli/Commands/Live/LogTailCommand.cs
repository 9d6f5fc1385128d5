using System.CommandLine;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Cli.Output;

namespace Dramatiq.Akka.Cli.Commands.Live;

internal sealed class LogTailCommand : SessionCommand
{
    private static readonly string[] Levels = ["info", "warning", "error"];

    private readonly Option<string?> _level = new("--level") { Description = "From which level on: info unless told otherwise.", HelpName = string.Join('|', Levels) };
    private readonly Option<bool> _messages = new("--messages") { Description = "What becomes of messages too." };
    private readonly Option<int?> _lines = new("--lines", "-n") { Description = "End after so many.", HelpName = "NUMBER" };

    public LogTailCommand(Scope scope) : base(scope, "tail", "The log of the process, as it is written; until Ctrl-C. A lost connection is made again.")
    {
        _level.AcceptOnlyFromAmong(Levels);
        Options.Add(_level);
        Options.Add(_messages);
        Options.Add(_lines);
    }

    protected override async Task RunAsync(Session session, ParseResult line, CancellationToken stop)
    {
        var least = Array.IndexOf(Levels, line.GetValue(_level) ?? Levels[0]);
        var left = line.GetValue(_lines) ?? int.MaxValue;
        var events = new LiveEvents(session.Client, session.Around.Time, lost => session.Paper.Note($"-- {lost} Connecting again."));
        try
        {
            await foreach (var told in events.ReadAsync(line.GetValue(_messages) ? "log,messages" : "log", stop).ConfigureAwait(false))
                if (Show(session.Paper, told, least) && --left <= 0)
                    return;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ctrl-C is how one ends it.
        }
    }

    /// <returns>Whether it was shown.</returns>
    private static bool Show(Paper paper, SseItem<string> told, int least)
    {
        try
        {
            using var json = JsonDocument.Parse(told.Data);
            if (told.EventType == "log" && Array.IndexOf(Levels, Member(json, "level")) < least)
                return false;
            if (paper.IsJson)
                paper.Json(json.RootElement);
            else if (told.EventType == "log")
                LogLines.Show(paper, json);
            else if (told.EventType == "message")
                LogLines.ShowMessage(paper, json);
            else
                return false;
            return true;
        }
        catch (JsonException)
        {
            paper.Note("-- An event was not understood.");
            return false;
        }
    }

    private static string? Member(JsonDocument json, string name) => LogLines.Member(json, name);
}
