using Akka.Configuration;
using Akka.Event;
using Dramatiq.Akka.Brokers.RabbitMq;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

/// <summary>Brokers for specs, and what specs look at past them.</summary>
internal static class TestBroker
{
    public static RabbitMqBroker Create(RabbitMqServer server, string hocon = "", TimeProvider? time = null) => Create(server.Url, hocon, time);

    public static RabbitMqBroker Create(string url, string hocon = "", TimeProvider? time = null) =>
        new(Settings(url, hocon), NoLogger.Instance, time);

    public static RabbitMqSettings Settings(string url, string hocon = "") => RabbitMqSettings.From(
        ConfigurationFactory.ParseString(hocon).WithFallback($"dramatiq.rabbitmq {{ url = \"{url}\", connect-timeout = 30s }}").WithFallback(RabbitMqHostingExtensions.Reference));

    public static async Task DeleteQueuesAsync(this RabbitMqServer server, string queue)
    {
        await using var connection = await server.Factory().CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var name in new[] { queue, queue + ".DQ", queue + ".XQ" })
            await channel.QueueDeleteAsync(name);
    }

    /// <summary>Takes what waits in a queue, past the broker.</summary>
    public static async Task<IReadOnlyList<BasicGetResult>> TakeAllAsync(this RabbitMqServer server, string queue)
    {
        await using var connection = await server.Factory().CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var all = new List<BasicGetResult>();
        while (await channel.BasicGetAsync(queue, autoAck: true) is { } got)
            all.Add(got);
        return all;
    }

    public static async Task<uint> CountAsync(this RabbitMqServer server, string queue)
    {
        await using var connection = await server.Factory().CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        return await channel.MessageCountAsync(queue);
    }
}
