using Akka.Event;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Management;

public sealed class EventsSpec
{
    [Fact]
    public async Task Nothing_must_be_asked_while_nobody_listens()
    {
        var inspection = new ScriptedInspection().On<GetQueues>(static _ => new QueueList([]));
        await using var host = await ManagementHost.StartAsync(static m => m.LiveInterval = TimeSpan.FromMilliseconds(100), inspection);
        Assert.Empty(inspection.Asked<GetQueues>());

        using (var listener = await ListenAsync(host, "overview"))
        {
            Assert.Equal("event: overview", await NextAsync(listener, "event: "));
            Assert.Contains("\"queues\":[]", await NextAsync(listener, "data: "), StringComparison.Ordinal);
            Assert.Equal("event: overview", await NextAsync(listener, "event: "));
        }

        await Eventually.AssertAsync(async () =>
        {
            var asked = inspection.Asked<GetQueues>().Count;
            await Task.Delay(400);
            Assert.Equal(asked, inspection.Asked<GetQueues>().Count);
        });
    }

    [Fact]
    public async Task Listeners_must_hear_of_messages_and_of_the_log()
    {
        await using var host = await ManagementHost.StartAsync();
        using var messages = await ListenAsync(host, "messages");
        using var log = await ListenAsync(host, "log");

        var enqueued = await host.Worker.Queue.EnqueueAsync(new ActorCall("add", 1, 2));
        host.Worker.System.Log.Warning("cannot connect to {0}", "redis://me:hunter2@10.1.2.3:6379");

        var data = await NextAsync(messages, "data: ");
        Assert.Contains($"\"messageId\":\"{enqueued.MessageId}\"", data, StringComparison.Ordinal);
        Assert.Contains("\"happening\":\"done\"", data, StringComparison.Ordinal);
        Assert.Contains("cannot connect to redis://***", await NextAsync(log, "data: "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_broker_away_must_be_told_and_its_return_too()
    {
        var inspection = new ScriptedInspection { Failure = new InspectionException(InspectionFailure.BrokerAway, "no connection to 10.1.2.3:6379") }.On<GetQueues>(static _ => new QueueList([]));
        await using var host = await ManagementHost.StartAsync(static m => m.LiveInterval = TimeSpan.FromMilliseconds(100), inspection);
        using var listener = await ListenAsync(host, "overview");

        Assert.Contains("\"problem\":\"no connection to ***\"", await NextAsync(listener, "data: "), StringComparison.Ordinal);
        inspection.Failure = null;
        await Eventually.AssertAsync(async () => Assert.Contains("\"problem\":null", await NextAsync(listener, "data: "), StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_listener_too_many_must_be_refused()
    {
        await using var host = await ManagementHost.StartAsync(inspection: new ScriptedInspection().On<GetQueues>(static _ => new QueueList([])));
        var listeners = new List<StreamReader>();
        try
        {
            for (var i = 0; i < 100; i++)
                listeners.Add(await ListenAsync(host, "messages"));

            Assert.Equal(503, (await host.GetAsync("api/events?topics=messages")).Status);
            Assert.Equal(400, (await host.GetAsync("api/events?topics=weather")).Status);
        }
        finally
        {
            listeners.ForEach(static listener => listener.Dispose());
        }
    }

    private static async Task<StreamReader> ListenAsync(ManagementHost host, string topics)
    {
        var response = await host.Client.GetAsync(new Uri("api/events?topics=" + topics, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return new StreamReader(await response.Content.ReadAsStreamAsync());
    }

    private static async Task<string> NextAsync(StreamReader events, string start)
    {
        while (await events.ReadLineAsync().WaitAsync(Eventually.Patience) is { } line)
            if (line.StartsWith(start, StringComparison.Ordinal))
                return line;
        throw new EndOfStreamException();
    }
}
