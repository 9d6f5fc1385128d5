using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Tests.EndToEnd;

/// <summary>What was logged, as an operator would read it.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = new();

    public IReadOnlyList<(LogLevel Level, string Text)> All => [.. _lines];

    public IReadOnlyList<string> Of(LogLevel level) => [.. _lines.Where(line => line.Level == level).Select(line => line.Text)];

    /// <summary>Waits for exactly one line that holds this text, since the log comes after the deed.</summary>
    public async Task<(LogLevel Level, string Text)> OneAsync(string text)
    {
        await Eventually.AssertAsync(() =>
        {
            Assert.True(_lines.Count(line => line.Text.Contains(text, StringComparison.Ordinal)) == 1, $"No single line with «{text}» among:\n{string.Join('\n', _lines)}");
            return Task.CompletedTask;
        });
        return _lines.First(line => line.Text.Contains(text, StringComparison.Ordinal));
    }

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((logLevel, exception is null ? formatter(state, exception) : $"{formatter(state, exception)} [{exception.GetType().Name}: {exception.Message}]"));

    public void Dispose()
    {
    }
}
