using System.Collections.Concurrent;
using Akka.Hosting;
using Dramatiq.Akka.Hosting;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

/// <summary>A whole host on RabbitMQ, with what it logged.</summary>
internal sealed class RabbitMqHost : IAsyncDisposable
{
    private readonly IHost _host;

    private RabbitMqHost(IHost host, LogLines log)
    {
        _host = host;
        Log = log;
    }

    public LogLines Log { get; }

    public IInspection Inspection => TaskSystem.Get(_host.Services.GetRequiredService<ActorSystem>()).Inspection;

    public ITaskQueue Queue => _host.Services.GetRequiredService<ITaskQueue>();

    public static async Task<RabbitMqHost> StartAsync(string url, Action<DramatiqBuilder> configure, Action<RabbitMqOptions>? rabbit = null, Action<AkkaConfigurationBuilder>? more = null)
    {
        var log = new LogLines();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(log);
        builder.Services.AddTaskQueue();
        builder.Services.AddAkka("test", system =>
        {
            system.ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
            });
            system.WithDramatiq(configure).WithRabbitMq(options =>
            {
                options.Urls.Add(url);
                options.ConnectTimeout = TimeSpan.FromSeconds(30);   // of a loaded machine
                rabbit?.Invoke(options);
            });
            more?.Invoke(system);
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync();
        }
        catch
        {
            host.Dispose();
            throw;
        }

        return new RabbitMqHost(host, log);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync().WaitAsync(TimeSpan.FromSeconds(60));
        _host.Dispose();
    }
}

/// <summary>How often each number was handled.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<int, int> _seen = new();
    private readonly int _expected;
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Tally(int expected) => _expected = expected;

    public Task All => _all.Task.WaitAsync(TimeSpan.FromSeconds(120));

    public int Distinct => _seen.Count;

    public int Duplicates => _seen.Values.Sum() - _seen.Count;

    public void Count(int number)
    {
        _seen.AddOrUpdate(number, 1, static (_, times) => times + 1);
        if (_seen.Count == _expected)
            _all.TrySetResult();
    }

    public async Task ReachAsync(int count)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (Distinct < count)
            await Task.Delay(1, deadline.Token);
    }
}
