using System.CommandLine;

namespace Dramatiq.Akka.Cli;

/// <summary>The options that every command has, and what the environment says in their place.</summary>
internal sealed class GlobalOptions
{
    public const string DefaultUrl = "http://127.0.0.1:9110/";

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Longer than the host's own (<c>dramatiq.inspection.timeout</c>, 60 s), so that it is the host who says how an order ended.</summary>
    private static readonly TimeSpan DefaultOrderTimeout = TimeSpan.FromSeconds(90);

    /// <summary>Beyond it a timer cannot count.</summary>
    private static readonly TimeSpan MostTimeout = TimeSpan.FromDays(1);

    private readonly Surroundings _around;

    public GlobalOptions(Surroundings around)
    {
        _around = around;
        Timeout.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && !(Durations.Parse(result.Tokens[0].Value) is { Ticks: > 0 } timeout && timeout <= MostTimeout))
                result.AddError($"--timeout cannot be '{result.Tokens[0].Value}'. Give a duration such as 500ms, 30s or 2m, and a day at the most.");
        });
    }

    public Option<string?> Url { get; } = new("--url")
    {
        Description = $"Where the management of a process listens, with its path: {DefaultUrl} unless DRAMATIQ_URL says otherwise.",
        HelpName = "URL",
        Recursive = true,
    };

    public Option<string?> Token { get; } = new("--token")
    {
        Description = "The token to show it. DRAMATIQ_TOKEN is the better place: others can read a command line.",
        HelpName = "TOKEN",
        Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json") { Description = "Write what the host answered, as JSON: one document, or one line for each event.", Recursive = true };

    public Option<bool> NoColor { get; } = new("--no-color") { Description = "Write without colors; NO_COLOR does the same.", Recursive = true };

    public Option<bool> Yes { get; } = new("--yes", "-y") { Description = "Do it without a question.", Recursive = true };

    public Option<string?> Timeout { get; } = new("--timeout") { Description = "How long to wait for an answer: 30s unless told otherwise, and 90s for that to an order.", HelpName = "DURATION", Recursive = true };

    public IEnumerable<Option> All => [Url, Token, Json, NoColor, Yes, Timeout];

    /// <exception cref="CommandFailure">It is no address that can be asked.</exception>
    public Uri UrlOf(ParseResult line)
    {
        var (text, source) = line.GetValue(Url) is { } option ? (option, "--url") : _around.Variable("DRAMATIQ_URL") is { Length: > 0 } variable ? (variable, "DRAMATIQ_URL") : (DefaultUrl, "");
        var full = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        if (!Uri.TryCreate(full, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            throw new CommandFailure(ExitCodes.Usage, $"{source} is no address of a management.", $"Give one such as {DefaultUrl} or https://jobs.example.com/dramatiq.");
        if (url.UserInfo.Length > 0)
            throw new CommandFailure(ExitCodes.Usage, $"{source} must not hold a user or a password.", "Give a token with DRAMATIQ_TOKEN.");
        return new Uri(url.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");
    }

    /// <summary>Null for none. It is checked here, since what the HTTP client says of a bad one repeats it.</summary>
    /// <exception cref="CommandFailure">It cannot be sent.</exception>
    public string? TokenOf(ParseResult line)
    {
        var token = (line.GetValue(Token) ?? _around.Variable("DRAMATIQ_TOKEN"))?.Trim();
        if (token is null or "")
            return null;
        return token.All(static letter => letter is > ' ' and < (char)0x7F) ? token : throw new CommandFailure(ExitCodes.Usage, "The token holds characters that no token has.", "Was it copied whole?");
    }

    public TimeSpan TimeoutOf(ParseResult line) => GivenTimeout(line) ?? DefaultTimeout;

    public TimeSpan OrderTimeoutOf(ParseResult line) => GivenTimeout(line) ?? DefaultOrderTimeout;

    private TimeSpan? GivenTimeout(ParseResult line) => line.GetValue(Timeout) is { } text ? Durations.Parse(text) : null;

    public bool HasColor(ParseResult line) => _around.HasScreen && !line.GetValue(NoColor) && string.IsNullOrEmpty(_around.Variable("NO_COLOR"));
}
