using Dramatiq.Akka.Messages;
using Xunit.Abstractions;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

/// <summary>The server stops and comes back while messages are sent and handled. It is one of this spec's own.</summary>
[Collection(RabbitMqCollection.Name)]
public sealed class ServerRestartSpec(ITestOutputHelper output) : IAsyncLifetime
{
    private RabbitMqServer? _server;

    public async Task InitializeAsync() => _server = await RabbitMqServer.StartPrivateAsync();

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Fact]
    public async Task Every_confirmed_message_must_be_handled_though_the_server_restarts_during_enqueueing_and_draining()
    {
        const int messages = 12_000;
        var tally = new Tally(messages);
        await using var sender = await RabbitMqHost.StartAsync(_server!.Url, d =>
        {
            d.Options.GatewayTimeout = TimeSpan.FromSeconds(60);
            d.AddRemoteActor("count", "restarts");
        });
        var confirmed = 0;
        var sending = Task.WhenAll(Enumerable.Range(0, 4).Select(part => SendAsync(part * messages / 4, messages / 4)));
        await ReachAsync(() => Volatile.Read(ref confirmed), messages / 4);
        await RestartAsync();
        await sending;
        Assert.Equal(messages, confirmed);

        await using var worker = await RabbitMqHost.StartAsync(_server.Url, d =>
        {
            d.Options.Queues.Workers = 8;
            d.Options.Queues.Prefetch = 64;
            d.Options.ReconnectMax = TimeSpan.FromMilliseconds(500);
            d.AddActor("count", (int n) => tally.Count(n), o => o.Queue("restarts"));
        });
        await tally.ReachAsync(messages / 4);
        await RestartAsync();
        await tally.All;
        output.WriteLine($"{tally.Duplicates} of {messages} messages ran twice.");
        Assert.Equal(messages, tally.Distinct);

        async Task SendAsync(int first, int count)
        {
            foreach (var chunk in Enumerable.Range(first, count).Chunk(100))
            {
                await Task.WhenAll(chunk.Select(number => sender.Queue.EnqueueAsync(new ActorCall("count", number))));
                Interlocked.Add(ref confirmed, chunk.Length);
            }
        }
    }

    [Fact]
    public async Task Publishing_must_wait_while_the_server_blocks_publishers_and_consumers_must_go_on()
    {
        var tally = new Tally(201);
        await using var worker = await RabbitMqHost.StartAsync(
            _server!.Url,
            d =>
            {
                d.Options.GatewayTimeout = TimeSpan.FromMinutes(3);
                d.AddActor(
                    "count",
                    async (int n, CancellationToken token) =>
                    {
                        await Task.Delay(n == 0 ? 0 : 20, token);
                        tally.Count(n);
                    },
                    o => o.Queue("blocked"));
            },
            rabbit => rabbit.BlockedTimeout = TimeSpan.FromMinutes(3));
        await Task.WhenAll(Enumerable.Range(1, 200).Select(number => worker.Queue.EnqueueAsync(new ActorCall("count", number))));
        await _server.ControlAsync("set_vm_memory_high_watermark", "0.0000001");
        var late = worker.Queue.EnqueueAsync(new ActorCall("count", 0));
        await tally.ReachAsync(200);
        Assert.False(late.IsCompleted);

        await _server.ControlAsync("set_vm_memory_high_watermark", "0.4");
        await late.WaitAsync(TimeSpan.FromSeconds(60));
        await tally.All;
    }

    private async Task RestartAsync()
    {
        await _server!.ControlAsync("stop_app");
        await _server.ControlAsync("start_app");
    }

    private static async Task ReachAsync(Func<int> count, int goal)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (count() < goal)
            await Task.Delay(1, deadline.Token);
    }
}
