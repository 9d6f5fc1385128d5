using System.Collections.Concurrent;
using Akka.Event;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Tests.Telemetry;

public sealed class LogScopeSpec
{
    private readonly ScopedLog _log = new();

    public sealed record Speak(bool Await);

    [Theory]
    [InlineData("delegate", 2)]
    [InlineData("class", 1)]
    [InlineData("async class", 2)]
    public async Task Line_of_a_handler_must_say_what_it_is_about(string handler, int lines)
    {
        await using var host = await StartAsync();
        var enqueued = await host.EnqueueAsync(handler is "delegate" ? new ActorCall("speaker") : new Speak(handler is "async class"), """{"retries":2}""");
        await host.JoinAsync();

        var said = _log.Lines.Where(static line => line.Text == "spoken").ToArray();
        Assert.Equal(lines, said.Length);
        foreach (var line in said)
            Assert.Equal((enqueued.MessageId, enqueued.ActorName, "default", 3), (line.Properties["MessageId"], line.Properties["ActorName"], line.Properties["QueueName"], line.Properties["Attempt"]));
    }

    [Fact]
    public async Task Line_of_a_handler_in_the_log_of_Akka_must_say_what_it_is_about()
    {
        await using var host = await StartAsync();
        var enqueued = await host.EnqueueAsync(new Speak(true));
        await Eventually.AssertAsync(() => Assert.Equal(2, _log.Lines.Count(static line => line.Text.Contains("told to Akka", StringComparison.Ordinal))));

        foreach (var line in _log.Lines.Where(static line => line.Text.Contains("told to Akka", StringComparison.Ordinal)))
            Assert.Equal((enqueued.MessageId, "speak", "default", 1), (line.Properties["MessageId"], line.Properties["ActorName"], line.Properties["QueueName"], line.Properties["Attempt"]));
    }

    [Fact]
    public async Task Line_outside_of_a_handler_must_say_nothing_of_it()
    {
        await using var host = await StartAsync();
        await host.EnqueueAsync(new Speak(false));
        await host.JoinAsync();
        host.Host.Services.GetRequiredService<ILogger<LogScopeSpec>>().LogInformation("outside");

        Assert.Empty(Assert.Single(_log.Lines, static line => line.Text == "outside").Properties);
    }

    [Fact]
    public async Task Scope_must_not_be_made_where_its_category_is_off()
    {
        await using var host = await StartAsync(static logging => logging.AddFilter("Dramatiq.Akka.Handlers", Microsoft.Extensions.Logging.LogLevel.None));
        await host.EnqueueAsync(new Speak(false));
        await host.JoinAsync();

        Assert.DoesNotContain("MessageId", Assert.Single(_log.Lines, static line => line.Text == "spoken").Properties.Keys);
    }

    private Task<VirtualHost> StartAsync(Action<ILoggingBuilder>? logging = null) => VirtualHost.StartAsync(
        d => d.AddActor<Speaker>(static a => a.Handles<Speak>()).AddActor("speaker", static async ([FromServices] ILogger<LogScopeSpec> log) =>
        {
            log.LogInformation("spoken");
            await Task.Yield();
            log.LogInformation("spoken");
        }),
        services => services.AddLogging(builder =>
        {
            builder.AddProvider(_log);
            logging?.Invoke(builder);
        }));

    private sealed class Speaker : TaskActor
    {
        public Speaker(ILogger<LogScopeSpec> log) => ReceiveAsync<Speak>(async task =>
        {
            log.LogInformation("spoken");
            Log.Info("told to Akka");
            if (!task.Await)
                return;

            await Task.Yield();
            log.LogInformation("spoken");
            Log.Info("told to Akka");
        });
    }

    /// <summary>A provider as structured ones are: a line has its own properties and those of the scopes around it.</summary>
    private sealed class ScopedLog : ILoggerProvider, ISupportExternalScope
    {
        private readonly ConcurrentQueue<(string Text, Dictionary<string, object?> Properties)> _lines = new();
        private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public IReadOnlyList<(string Text, Dictionary<string, object?> Properties)> Lines => [.. _lines];

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public ILogger CreateLogger(string categoryName) => new Logger(this);

        public void Dispose()
        {
        }

        private sealed class Logger(ScopedLog owner) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state) where TState : notnull => owner._scopes.Push(state);

            public bool IsEnabled(Microsoft.Extensions.Logging.LogLevel logLevel) => true;

            public void Log<TState>(Microsoft.Extensions.Logging.LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                var properties = new Dictionary<string, object?>(StringComparer.Ordinal);
                owner._scopes.ForEachScope(static (scope, all) => Add(scope, all), properties);
                Add(state, properties);
                properties.Remove("{OriginalFormat}");
                owner._lines.Enqueue((formatter(state, exception), properties));
            }

            private static void Add(object? state, Dictionary<string, object?> properties)
            {
                if (state is IEnumerable<KeyValuePair<string, object?>> pairs)
                    foreach (var (name, value) in pairs)
                        properties[name] = value;
            }
        }
    }
}
