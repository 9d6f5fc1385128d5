using System.Text;

namespace Dramatiq.Akka.Cli;

/// <summary>What a command has around it: a process gives its own, a test whatever it likes.</summary>
internal sealed record Surroundings
{
    public required TextReader In { get; init; }

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Whether somebody can answer a question.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Whether the output is a terminal, and no file or pipe.</summary>
    public bool HasScreen { get; init; }

    /// <summary>Columns and rows of the terminal, as they are now.</summary>
    public Func<(int Width, int Height)> Size { get; init; } = static () => (80, 24);

    /// <summary>A key that was pressed; null when none was. Never waits.</summary>
    public Func<char?> Key { get; init; } = static () => null;

    /// <summary>A variable of the environment; null when it is not set.</summary>
    public Func<string, string?> Variable { get; init; } = static _ => null;

    /// <summary>Where to keep what was learned from a host; null for nowhere.</summary>
    public string? CacheFolder { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Whoever asks for help or presses Tab does not wait longer for a host that may be away.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Ends the command: Ctrl-C and SIGTERM, where it is a process.</summary>
    public CancellationToken Stop { get; init; }

    public static Surroundings OfThisProcess()
    {
        if (OperatingSystem.IsWindows() && !Console.IsOutputRedirected)
            Console.OutputEncoding = Encoding.UTF8;
        return new Surroundings
        {
            In = Console.In,
            Out = Console.Out,
            Error = Console.Error,
            IsInteractive = !Console.IsInputRedirected,
            HasScreen = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb",
            Size = static () => (Math.Max(20, Console.WindowWidth), Math.Max(5, Console.WindowHeight)),
            Key = static () => !Console.IsInputRedirected && Console.KeyAvailable ? Console.ReadKey(intercept: true).KeyChar : null,
            Variable = Environment.GetEnvironmentVariable,
            CacheFolder = FindCacheFolder(),
            Stop = Interruption.Listen(),
        };
    }

    private static string? FindCacheFolder()
    {
        if (OperatingSystem.IsWindows())
            return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData) is { Length: > 0 } local ? Path.Combine(local, "dramatiq") : null;
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathRooted(cache))
            return Path.Combine(cache, "dramatiq");
        return Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".cache", "dramatiq") : null;
    }
}
