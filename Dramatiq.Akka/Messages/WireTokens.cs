using System.Text.Json;

namespace Dramatiq.Akka.Messages;

/// <summary>Brings a value from the serializer's reader back to text, with quoted tokens bare again.</summary>
internal static class WireTokens
{
    /// <summary>Copies the value at the reader, which ends on the value's last token.</summary>
    internal static void Copy(ref Utf8JsonReader reader, WireWriter writer)
    {
        var outside = reader.CurrentDepth;
        do Write(ref reader, writer);
        while ((reader.CurrentDepth > outside || reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject) && reader.Read());
    }

    private static void Write(ref Utf8JsonReader reader, WireWriter writer)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                break;
            case JsonTokenType.EndArray:
                writer.WriteEndArray();
                break;
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                break;
            case JsonTokenType.EndObject:
                writer.WriteEndObject();
                break;
            case JsonTokenType.PropertyName:
                writer.WriteName(WireStrings.Decode(reader.ValueSpan));
                break;
            case JsonTokenType.String when BareTokens.TryGet(reader.ValueSpan, out var token):
                writer.WriteRaw(token);
                break;
            case JsonTokenType.String:
                writer.WriteString(WireStrings.Decode(reader.ValueSpan));
                break;
            default:
                writer.WriteRaw(reader.ValueSpan);
                break;
        }
    }
}
