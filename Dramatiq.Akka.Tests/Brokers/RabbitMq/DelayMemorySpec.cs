using System.Diagnostics;
using System.Text;
using Dramatiq.Akka.Brokers.RabbitMq.Delays;
using RabbitMQ.Client;
using Xunit.Abstractions;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

/// <summary>What messages that are due in an hour cost the worker process that delayed them, in all of its memory. They are failed tasks that wait for their next attempt.</summary>
[Collection(RabbitMqCollection.Name)]
public sealed class DelayMemorySpec(SharedRabbitMq shared, ITestOutputHelper output) : IAsyncLifetime
{
    private const int WarmUp = 10_000;
    private const int Messages = 100_000;
    private static readonly string[] Levels = [DelayLadder.Exchange(13), DelayLadder.Exchange(14)];   // an hour to two, in steps of 250 ms
    private Process? _worker;

    public Task InitializeAsync() => CleanUpAsync();

    public async Task DisposeAsync()
    {
        if (_worker is { } worker)
            await worker.EndAsync();

        await CleanUpAsync();
    }

    [Fact]
    public async Task Hundred_thousand_messages_delayed_by_an_hour_must_cost_the_worker_under_50_MB()
    {
        await using var connection = await shared.Server.Factory().CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        _worker = StartWorker();
        await FailAsync(channel, WarmUp);
        var before = Resident();
        await FailAsync(channel, WarmUp + Messages);
        var grown = (Resident() - before) / 1_048_576d;

        output.WriteLine($"{before / 1_048_576d:0.0} MB before, {grown:0.0} MB more with {Messages} delayed messages.");
        Assert.Equal((0u, 0u), (await channel.MessageCountAsync("interop"), await channel.MessageCountAsync("interop.DQ")));
        Assert.InRange(grown, double.MinValue, 50);
    }

    private Process StartWorker()
    {
        var start = new ProcessStartInfo("dotnet", [Checkout.Program("examples/Interop", "Interop.dll"), "worker", "--broker", shared.Server.Url]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["Logging__LogLevel__Default"] = "None";   // a line for each failure is not what is measured
        var worker = Process.Start(start)!;
        worker.OutputDataReceived += static (_, _) => { };
        worker.ErrorDataReceived += static (_, _) => { };
        worker.BeginOutputReadLine();
        worker.BeginErrorReadLine();
        return worker;
    }

    /// <summary>Sends tasks that fail, until so many wait for another attempt on the server.</summary>
    private async Task FailAsync(IChannel channel, int waiting)
    {
        await using var connection = await shared.Server.Factory().CreateConnectionAsync();
        await using var publishing = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(240));
        while (!await ExistsAsync(connection, "interop"))
            await Task.Delay(50, deadline.Token);

        for (var sent = await DelayedAsync(connection); sent < waiting; sent += 1_000)
            await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => publishing.BasicPublishAsync("", "interop", mandatory: true, Body()).AsTask()));
        while (await DelayedAsync(connection) < waiting || await channel.MessageCountAsync("interop") > 0)
            await Task.Delay(100, deadline.Token);
    }

    private static async Task<uint> DelayedAsync(IConnection connection)
    {
        var sum = 0u;
        foreach (var level in Levels)
        {
            if (!await ExistsAsync(connection, level))
                continue;
            await using var channel = await connection.CreateChannelAsync();
            sum += await channel.MessageCountAsync(level);
        }

        return sum;
    }

    private static async Task<bool> ExistsAsync(IConnection connection, string queue)
    {
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            await channel.QueueDeclarePassiveAsync(queue);
            return true;
        }
        catch (global::RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return false;
        }
    }

    private long Resident()
    {
        _worker!.Refresh();
        return _worker.WorkingSet64;
    }

    private async Task CleanUpAsync()
    {
        await shared.Server.DeleteQueuesAsync("interop");
        await using var connection = await shared.Server.Factory().CreateConnectionAsync();
        foreach (var level in Levels)
        {
            if (!await ExistsAsync(connection, level))
                continue;
            await using var channel = await connection.CreateChannelAsync();
            await channel.QueuePurgeAsync(level);
        }
    }

    private static byte[] Body() => Encoding.UTF8.GetBytes($$"""
        {"queue_name":"interop","actor_name":"flaky","args":["k",1000000],"kwargs":{},"options":{"min_backoff":3600000,"max_backoff":7200000},"message_id":"{{Guid.NewGuid()}}","message_timestamp":1795354558050}
        """);
}
