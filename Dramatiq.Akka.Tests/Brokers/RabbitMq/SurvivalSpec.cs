using Dramatiq.Akka.Messages;
using Xunit.Abstractions;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

/// <summary>What a worker and a sender live through without losing a message.</summary>
[Collection(RabbitMqCollection.Name)]
public sealed class SurvivalSpec(SharedRabbitMq shared, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Prefetch = 128;
    private readonly string _queue = "survive_" + Guid.NewGuid().ToString("N");

    public Task InitializeAsync()
    {
        _ = shared.Server;
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => shared.Server.DeleteQueuesAsync(_queue);

    [Fact]
    public async Task Worker_must_handle_every_message_though_its_connections_are_cut_ten_times()
    {
        const int messages = 20_000;
        const int cuts = 10;
        await using var proxy = new CuttableProxy(shared.Server.Url);
        var tally = new Tally(messages);
        await using (var sender = await SenderAsync(shared.Server.Url))
            await EnqueueAsync(sender, 0, messages);
        await using var worker = await WorkerAsync(proxy.Url, tally);

        for (var cut = 1; cut <= cuts; cut++)
        {
            await tally.ReachAsync(messages * cut / (cuts + 2));
            proxy.Cut();
        }

        await tally.All;
        output.WriteLine($"{tally.Duplicates} of {messages} messages ran twice after {cuts} cuts.");
        Assert.Equal(messages, tally.Distinct);
        Assert.InRange(tally.Duplicates, 0, cuts * Prefetch);
    }

    [Fact]
    public async Task Sender_must_have_every_confirmed_message_handled_though_its_connections_are_cut()
    {
        const int messages = 5_000;
        await using var proxy = new CuttableProxy(shared.Server.Url);
        var tally = new Tally(messages);
        await using var worker = await WorkerAsync(shared.Server.Url, tally);
        await using var sender = await SenderAsync(proxy.Url);
        var sending = EnqueueAsync(sender, 0, messages);
        for (var cut = 1; cut <= 5; cut++)
        {
            await tally.ReachAsync(messages * cut / 8);
            proxy.Cut();
        }

        await sending;
        await tally.All;
        Assert.Equal(messages, tally.Distinct);
    }

    [Fact]
    public async Task Worker_must_dead_letter_garbage_and_unknown_actors_and_run_the_messages_around_them()
    {
        var tally = new Tally(3);
        await using var worker = await WorkerAsync(shared.Server.Url, tally);
        await using (var connection = await shared.Server.Factory().CreateConnectionAsync())
        await using (var channel = await connection.CreateChannelAsync())
        {
            string[] bodies = [Body("count", 1), "\u0000 no json", Body("count", 2), "", "[1,2]", Body("nobody", 7), Body("count", 3)];
            foreach (var body in bodies)
                await global::RabbitMQ.Client.IChannelExtensions.BasicPublishAsync(channel, "", _queue, System.Text.Encoding.UTF8.GetBytes(body));
        }

        await tally.All;
        var dead = new List<string>();
        using var deadline = new CancellationTokenSource(EndToEnd.Eventually.Patience);
        while (dead.Count < 4)
        {
            foreach (var letter in await shared.Server.TakeAllAsync(_queue + ".XQ"))
                dead.Add(System.Text.Encoding.UTF8.GetString(letter.Body.Span));
            await Task.Delay(10, deadline.Token);
        }

        Assert.Equal(4, dead.Count);
        Assert.Contains("\u0000 no json", dead);
        Assert.Contains("", dead);
        Assert.Contains("[1,2]", dead);
        Assert.Contains(dead, static body => body.Contains("nobody", StringComparison.Ordinal));
        Assert.Equal(0, tally.Duplicates);
    }

    [Fact]
    public async Task Worker_must_declare_its_queue_anew_when_it_is_deleted_under_it()
    {
        var tally = new Tally(2);
        await using var worker = await WorkerAsync(shared.Server.Url, tally);
        await worker.Queue.EnqueueAsync(new ActorCall("count", 1));
        await tally.ReachAsync(1);
        await shared.Server.DeleteQueuesAsync(_queue);
        await worker.Queue.EnqueueAsync(new ActorCall("count", 2));
        await tally.All;
    }

    private string Body(string actor, int argument) =>
        $$$"""{"queue_name":"{{{_queue}}}","actor_name":"{{{actor}}}","args":[{{{argument}}}],"kwargs":{},"options":{},"message_id":"{{{Guid.NewGuid()}}}","message_timestamp":1795354558050}""";

    private Task<RabbitMqHost> WorkerAsync(string url, Tally tally) => RabbitMqHost.StartAsync(url, d =>
    {
        d.Options.Queues.Workers = 8;
        d.Options.Queues.Prefetch = Prefetch;
        d.Options.ReconnectMin = TimeSpan.FromMilliseconds(20);
        d.Options.ReconnectMax = TimeSpan.FromMilliseconds(200);
        d.AddActor("count", (int n) => tally.Count(n), o => o.Queue(_queue));
    });

    private Task<RabbitMqHost> SenderAsync(string url) => RabbitMqHost.StartAsync(url, d => d.AddRemoteActor("count", _queue));

    private static async Task EnqueueAsync(RabbitMqHost sender, int first, int count)
    {
        foreach (var chunk in Enumerable.Range(first, count).Chunk(2_000))
            await Task.WhenAll(chunk.Select(number => sender.Queue.EnqueueAsync(new ActorCall("count", number))));
    }
}
