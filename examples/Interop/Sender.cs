using System.Text;
using System.Text.Json;
using Akka.Hosting;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Results;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Interop;

/// <summary>What to send.</summary>
internal sealed record Order(string Queue, string Actor, string JsonArgs, long? DelayMs, long? WaitMs);

/// <summary>Sends one message to an actor that this process knows by name only.</summary>
internal static class Sender
{
    /// <summary>Exit codes, beside 0.</summary>
    public const int NotTaken = 1, WrongUsage = 2, TaskFailed = 3, NoResult = 4;

    public static async Task<int> SendAsync(string broker, string? results, Order order, CancellationToken cancellationToken)
    {
        if (!IsArray(order.JsonArgs))
        {
            Console.Error.WriteLine($"JSON_ARGS must be a JSON array such as [1, 2], was: {order.JsonArgs}");
            return WrongUsage;
        }

        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddTaskQueue();
        builder.Services.AddAkka("send", akka =>
        {
            akka.ConfigureLoggers(static loggers => loggers.ClearLoggers().AddLoggerFactory());
            akka.WithDramatiq(static _ => { }).WithBroker(broker).WithStores(results);
        });
        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        try
        {
            // An actor of Python's stores its result when the message says so, whatever it says itself.
            var call = new ActorCall(order.Actor) { Queue = order.Queue, JsonArgs = new JsonText(order.JsonArgs) };
            var options = results is null ? MessageOptions.Empty : MessageOptions.Empty.With(OptionNames.StoreResults, true);
            var enqueued = await host.Services.GetRequiredService<ITaskQueue>().EnqueueAsync(
                new Enqueue(call) { Delay = order.DelayMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null, Options = options }, cancellationToken);
            return order.WaitMs is { } wait
                ? await WaitAsync(host.Services.GetRequiredService<ITaskResults>(), enqueued, TimeSpan.FromMilliseconds(wait), cancellationToken)
                : Print(enqueued, static _ => { }, 0);
        }
        catch (EnqueueFailedException error)
        {
            Console.Error.WriteLine(error.Message);
            return NotTaken;
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<int> WaitAsync(ITaskResults results, Enqueued enqueued, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            var result = await results.WaitAsync(ResultKey.Of(enqueued), timeout, cancellationToken);
            if (result.Failure is { } failure)
                return Print(enqueued, line => WriteError(line, failure.ErrorType, failure.ErrorMessage), TaskFailed);

            return Print(enqueued, line =>
            {
                line.WriteName("result");
                line.WriteRaw(result.Json.Utf8.Span);
            }, 0);
        }
        catch (ResultException error)
        {
            return Print(enqueued, line => WriteError(line, error.GetType().Name.Replace("Exception", "", StringComparison.Ordinal), error.Message), NoResult);
        }
    }

    private static void WriteError(WireWriter line, string type, string message)
    {
        line.WriteName("error");
        line.WriteStartObject();
        line.WriteName("type");
        line.WriteString(type);
        line.WriteName("message");
        line.WriteString(message);
        line.WriteEndObject();
    }

    private static int Print(Enqueued enqueued, Action<WireWriter> rest, int exitCode)
    {
        var line = new WireWriter();
        line.WriteStartObject();
        line.WriteName("message_id");
        line.WriteString(enqueued.MessageId);
        rest(line);
        line.WriteEndObject();
        Console.WriteLine(Encoding.UTF8.GetString(line.Written));
        return exitCode;
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
