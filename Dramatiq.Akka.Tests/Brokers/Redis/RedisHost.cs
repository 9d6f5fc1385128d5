using Akka.Hosting;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Hosting;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>A whole worker on Redis.</summary>
internal sealed class RedisHost : IAsyncDisposable
{
    private readonly IHost _host;

    private RedisHost(IHost host, LogLines log)
    {
        _host = host;
        Log = log;
    }

    public LogLines Log { get; }

    public ActorSystem System => _host.Services.GetRequiredService<ActorSystem>();

    public ITaskQueue Queue => TaskSystem.Get(_host.Services.GetRequiredService<ActorSystem>()).Queue;

    public IInspection Inspection => TaskSystem.Get(_host.Services.GetRequiredService<ActorSystem>()).Inspection;

    public static async Task<RedisHost> StartAsync(RedisOptions options, Action<DramatiqBuilder> configure, Action<AkkaConfigurationBuilder>? more = null)
    {
        var log = new LogLines();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(log);
        Configure(builder, options, configure, more);
        var host = builder.Build();
        await host.StartAsync();
        return new RedisHost(host, log);
    }

    public static void Configure(HostApplicationBuilder builder, RedisOptions options, Action<DramatiqBuilder> configure, Action<AkkaConfigurationBuilder>? more = null) =>
        builder.Services.AddAkka("redis-host", akka =>
        {
            akka.ConfigureLoggers(static loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
            });
            akka.WithDramatiq(configure).WithRedis(options).WithRedisRateLimits(options);
            more?.Invoke(akka);
        });

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync().WaitAsync(TimeSpan.FromSeconds(60));
        _host.Dispose();
    }
}
