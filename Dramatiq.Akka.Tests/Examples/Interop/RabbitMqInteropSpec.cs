using System.Text;
using System.Text.Json.Nodes;
using Dramatiq.Akka.Tests.Brokers.RabbitMq;
using Dramatiq.Akka.Tests.Brokers.Redis;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Tests.Examples.Interop;

/// <summary>The example on RabbitMQ. The other end is Python's: what it publishes and gets.</summary>
[Collection(RabbitMqCollection.Name)]
public sealed class RabbitMqInteropSpec(SharedRabbitMq shared) : IAsyncLifetime
{
    private readonly string _python = "python_" + Guid.NewGuid().ToString("N");
    private IConnection? _connection;
    private IChannel _channel = null!;

    public async Task InitializeAsync()
    {
        await DeleteAsync();
        _connection = await shared.Server.Factory().CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync(new CreateChannelOptions(true, true));
    }

    public async Task DisposeAsync()
    {
        if (_connection is null) return;
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
        await DeleteAsync();
    }

    [Fact]
    public async Task A_pipeline_of_Pythons_must_come_back_with_the_result()
    {
        await using var worker = InteropProcess.StartWorker(shared.Server.Url);
        await PublishAsync("math", PythonMessage.AddPipedToShow(_python));
        var show = await GetAsync(_python);
        Assert.Equal(("show", _python), ((string)show["actor_name"]!, (string)show["queue_name"]!));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""["2 + 3",5]"""), show["args"]), show.ToJsonString());
        Assert.Equal(0, await worker.TerminateAsync());
    }

    [Fact]
    public async Task What_fails_for_good_must_be_where_Python_looks_for_dead_letters()
    {
        await using var worker = InteropProcess.StartWorker(shared.Server.Url);
        await PublishAsync("interop", PythonMessage.Fail());
        Assert.Equal("on purpose", (string)(await GetAsync("interop.XQ"))["args"]![0]!);
    }

    [Fact]
    public async Task What_is_sent_must_be_what_a_worker_of_Pythons_gets()
    {
        var id = await InteropProcess.SendAsync(shared.Server.Url, _python, "show", """["hello from .NET", null]""");
        var show = await GetAsync(_python);
        Assert.Equal((id, "show", """["hello from .NET",null]"""), ((string)show["message_id"]!, (string)show["actor_name"]!, show["args"]!.ToJsonString()));
        Assert.Equal(["queue_name", "actor_name", "args", "kwargs", "options", "message_id", "message_timestamp"], show.AsObject().Select(static field => field.Key));
    }

    /// <summary>The worker declares its queues when it starts: until then there is nowhere to publish to.</summary>
    private Task PublishAsync(string queue, string body) => RedisFixture.EventuallyAsync(
        async () =>
        {
            try
            {
                await _channel.BasicPublishAsync("", queue, mandatory: true, Encoding.UTF8.GetBytes(body));
                return true;
            }
            catch (global::RabbitMQ.Client.Exceptions.PublishException)
            {
                return false;
            }
        },
        $"{queue} is declared");

    private async Task<JsonNode> GetAsync(string queue)
    {
        BasicGetResult? got = null;
        await RedisFixture.EventuallyAsync(
            async () =>
            {
                await using var channel = await _connection!.CreateChannelAsync();   // one that a queue which is not there yet may close
                try
                {
                    return (got = await channel.BasicGetAsync(queue, autoAck: true)) is not null;
                }
                catch (global::RabbitMQ.Client.Exceptions.OperationInterruptedException)
                {
                    return false;
                }
            },
            $"something is in {queue}");
        return JsonNode.Parse(got!.Body.Span)!;
    }

    private async Task DeleteAsync()
    {
        foreach (var queue in (string[])["math", "interop", _python])
            await shared.Server.DeleteQueuesAsync(queue);
    }
}
