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

    /// <summary>Waits for exactly one line that holds this text, since the log comes after the deed.</summary>
    public async Task<(LogLevel Level, string Text)> OneAsync(string text)
    {
        await Eventually.AssertAsync(() =>
        {
            Assert.True(All.Count(line => line.Text.Contains(text, StringComparison.Ordinal)) == 1, $"No single line with «{text}» among:\n{string.Join('\n', All)}");
            return Task.CompletedTask;
        });
        return All.First(line => line.Text.Contains(text, StringComparison.Ordinal));
    }

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Add((logLevel, exception is null ? formatter(state, exception) : $"{formatter(state, exception)} [{exception.GetType().Name}: {exception.Message}]"));

    public void Dispose()
    {
    }
}
