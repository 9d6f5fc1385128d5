using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Tests.EndToEnd;

/// <summary>What was logged, as an operator would read it.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly Feed<(LogLevel Level, string Text)> _lines = new();

    public IReadOnlyList<(LogLevel Level, string Text)> All => _lines.All;

    public IReadOnlyList<string> Of(LogLevel level) => [.. All.Where(line => line.Level == level).Select(line => line.Text)];

    /// <summary>The first line that has this part. Akka's loggers are actors, so a line may come later than what it tells of.</summary>
    public Task<(LogLevel Level, string Text)> FirstAsync(string part) => _lines.FirstAsync(line => line.Text.Contains(part, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Add((logLevel, formatter(state, exception)));

    public void Dispose()
    {
    }
}
