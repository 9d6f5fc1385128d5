using System.Diagnostics;
using Akka.Hosting;
using Dramatiq.Akka.RateLimits;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>
/// How often a concurrent limit can be acquired and released, beside two raw script calls that count up and down within the limit, as a careful hand would write them: without leases.
/// Both are measured in turns, and the medians compared.
/// </summary>
internal static class Limits
{
    private const int Turns = 5;

    private const string Up = """
        local held = tonumber(redis.call('GET', KEYS[1]) or '0')
        if held >= tonumber(ARGV[1]) then return 0 end
        redis.call('SET', KEYS[1], held + 1, 'PX', ARGV[2])
        return 1
        """;

    private const string Down = """
        local held = tonumber(redis.call('GET', KEYS[1]) or '0')
        if held > 0 then redis.call('SET', KEYS[1], held - 1, 'PX', ARGV[1]) end
        return 1
        """;

    public static async Task<WorkResult> RunAsync(WorkOptions options)
    {
        if (!options.Broker.StartsWith("redis", StringComparison.Ordinal))
            throw new ArgumentException($"Limits are measured on Redis: --broker redis://…, and not '{options.Broker}'.");

        using var host = Host(options.Broker);
        await host.StartAsync();
        var limiters = host.Services.GetRequiredService<RateLimiters>();
        var limiter = limiters.Concurrent("bench:" + Guid.NewGuid().ToString("N"), options.Concurrency);
        var address = new Uri(options.Broker);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { { address.Host, address.Port } } });
        var database = connection.GetDatabase();
        RedisKey[] key = ["bench:" + Guid.NewGuid().ToString("N")];
        Task OursAsync() => LoopAsync(options, async () =>
        {
            await using var slot = await limiter.AcquireAsync();
        });
        Task RawAsync() => LoopAsync(options, async () =>
        {
            await database.ScriptEvaluateAsync(Up, key, [options.Concurrency, 900_000]);
            await database.ScriptEvaluateAsync(Down, key, [900_000]);
        });

        await OursAsync();
        await RawAsync();
        var ours = new List<double>();
        var raw = new List<double>();
        for (var turn = 0; turn < Turns; turn++)
        {
            raw.Add(await SecondsAsync(RawAsync));
            ours.Add(await SecondsAsync(OursAsync));
        }

        ours.Sort();
        raw.Sort();
        await host.StopAsync();
        return new WorkResult(options, ours[Turns / 2]) { Baseline = "two raw script calls", BaselinePerSecond = options.Messages / raw[Turns / 2] };
    }

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        return clock.Elapsed.TotalSeconds;
    }

    private static Task LoopAsync(WorkOptions options, Func<Task> once)
    {
        var left = options.Messages;
        return Task.WhenAll(Enumerable.Range(0, options.Concurrency).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await once();
        })));
    }

    private static IHost Host(string url)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddRateLimiters();
        builder.Services.AddAkka("benchmarks", akka => akka
            .AddHocon("akka { loglevel = OFF, stdout-loglevel = OFF }", HoconAddMode.Prepend)
            .WithDramatiq(static _ => { })
            .WithRedisRateLimits(url));
        return builder.Build();
    }
}
