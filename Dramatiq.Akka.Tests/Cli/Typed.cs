using System.Text.Json.Nodes;
using Dramatiq.Akka.Cli;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Cli;

/// <summary>Somebody who types commands: each is run whole, and what it wrote is kept.</summary>
internal sealed class Typed
{
    private readonly Dictionary<string, string> _variables = [];

    /// <param name="url">Where the host is; null for where nobody is.</param>
    public Typed(Uri? url) => _variables["DRAMATIQ_URL"] = (url ?? Nowhere).ToString();

    /// <summary>A port that nobody listens at: it is the discard port, which none of the tests opens.</summary>
    public static Uri Nowhere { get; } = new("http://127.0.0.1:9/");

    /// <summary>What is typed when a question comes; null for nobody there.</summary>
    public string? Reply { get; set; }

    /// <summary>How wide the terminal is; null for none.</summary>
    public int? Width { get; set; }

    public Func<char?> Key { get; set; } = static () => null;

    public string? CacheFolder { get; set; }

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public CancellationToken Stop { get; set; }

    public string? this[string variable]
    {
        set => _variables[variable] = value ?? "";
    }

    public Task<Run> RunAsync(params string[] args) => RunAsync(new StringWriter(), args);

    /// <param name="output">Where it writes, for a test that reads while it does.</param>
    /// <param name="args">What is typed.</param>
    public async Task<Run> RunAsync(StringWriter output, params string[] args)
    {
        var error = new StringWriter();
        var exitCode = await CommandLine.RunAsync(args, new Surroundings
        {
            In = new StringReader(Reply is null ? "" : Reply + "\n"),
            Out = TextWriter.Synchronized(output),
            Error = TextWriter.Synchronized(error),
            IsInteractive = Reply is not null,
            HasScreen = Width is not null,
            Size = () => (Width ?? 80, 24),
            Key = Key,
            Variable = _variables.GetValueOrDefault,
            CacheFolder = CacheFolder,
            Time = Time,
            Patience = Eventually.Patience / 2,   // less than this waits for the whole command
            Stop = Stop,
        }).WaitAsync(Eventually.Patience);
        return new Run(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>What came of it.</summary>
    public sealed record Run(int ExitCode, string Output, string Error)
    {
        public JsonNode Json => JsonNode.Parse(Output)!;

        public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
