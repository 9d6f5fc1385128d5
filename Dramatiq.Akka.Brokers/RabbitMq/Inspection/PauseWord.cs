using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;

namespace Dramatiq.Akka.Brokers.RabbitMq.Inspection;

/// <summary>Which queues are paused, as it stands in the one message that RabbitMQ keeps.</summary>
/// <param name="Version">One more with each change.</param>
/// <param name="Paused">The canonical names.</param>
internal sealed record PauseWord(long Version, IReadOnlySet<string> Paused)
{
    public static PauseWord None { get; } = new(0, FrozenSet<string>.Empty);

    /// <exception cref="BrokerException">It is something else.</exception>
    public static PauseWord Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return new PauseWord(
                root.GetProperty("version").GetInt64(),
                root.GetProperty("paused").EnumerateArray().Select(static queue => queue.GetString()!).ToFrozenSet(StringComparer.Ordinal));
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new BrokerException(
                $"The message in queue '{PauseBoard.Name}', which says what is paused, cannot be read: {error.Message} Purge that queue (rabbitmqctl purge_queue {PauseBoard.Name}), and pause anew.", error);
        }
    }

    public byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteStartArray("paused");
            foreach (var queue in Paused.Order(StringComparer.Ordinal))
                json.WriteStringValue(queue);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The next word; this one if that is what it says already.</summary>
    public PauseWord With(string queue, bool isPaused)
    {
        if (Paused.Contains(queue) == isPaused)
            return this;

        return new PauseWord(Version + 1, (isPaused ? Paused.Append(queue) : Paused.Where(other => other != queue)).ToFrozenSet(StringComparer.Ordinal));
    }
}
