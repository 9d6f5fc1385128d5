using System.Text.Json;
using Akka.Hosting;
using Dramatiq.Akka.Messages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Interop;

/// <summary>What to send.</summary>
internal sealed record Order(string Queue, string Actor, string JsonArgs, long? DelayMs);

/// <summary>Sends one message to an actor that this process knows by name only.</summary>
internal static class Sender
{
    public static async Task<int> SendAsync(string broker, Order order, CancellationToken cancellationToken)
    {
        if (!IsArray(order.JsonArgs))
        {
            Console.Error.WriteLine($"JSON_ARGS must be a JSON array such as [1, 2], was: {order.JsonArgs}");
            return 2;
        }

        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddTaskQueue();
        builder.Services.AddAkka("send", akka =>
        {
            akka.ConfigureLoggers(static loggers => loggers.ClearLoggers().AddLoggerFactory());
            akka.WithDramatiq(static _ => { }).WithBroker(broker);
        });
        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        try
        {
            var call = new ActorCall(order.Actor) { Queue = order.Queue, JsonArgs = new JsonText(order.JsonArgs) };
            var enqueued = await host.Services.GetRequiredService<ITaskQueue>().EnqueueAsync(
                new Enqueue(call) { Delay = order.DelayMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null }, cancellationToken);
            Console.WriteLine(JsonSerializer.Serialize(new { message_id = enqueued.MessageId }));
            return 0;
        }
        catch (EnqueueFailedException error)
        {
            Console.Error.WriteLine(error.Message);
            return 1;
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static bool IsArray(string json)
    {
        try
        {
            using var parsed = JsonDocument.Parse(json);
            return parsed.RootElement.ValueKind is JsonValueKind.Array;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
