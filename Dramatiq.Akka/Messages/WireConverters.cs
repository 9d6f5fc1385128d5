using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dramatiq.Akka.Messages;

/// <summary>Lets lone surrogates through, which the serializer would refuse to read and would replace in writing.</summary>
internal sealed class WireStringConverter : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && !BareTokens.TryGet(reader.ValueSpan, out _)
            ? WireStrings.Decode(reader.ValueSpan)
            : throw new JsonException();

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        WireStrings.Decode(reader.ValueSpan);

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
    {
        if (!value.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
        {
            writer.WriteStringValue(value);
            return;
        }

        var buffer = WireWriter.Rent();
        buffer.WriteString(value);
        writer.WriteRawValue(buffer.Written, skipInputValidation: true);
        buffer.Return();
    }

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value);
}

/// <summary>Reads and writes a number inside another type as it would be on its own: floats as Python does, tokens included.</summary>
internal sealed class ScalarConverter<T> : JsonConverter<T> where T : struct
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.ValueSpan;
        if (reader.TokenType != JsonTokenType.Number && !(reader.TokenType == JsonTokenType.String && BareTokens.TryGet(text, out text)))
            throw new JsonException();
        try
        {
            return ScalarFormat<T>.Instance!.Read(text);
        }
        catch (WireTypeException e)
        {
            // The serializer adds the path to an exception of its own that has no text.
            throw new JsonException(null, e);
        }
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        var buffer = WireWriter.Rent();
        ScalarFormat<T>.Instance!.Write(buffer, value);
        writer.WriteRawValue(buffer.Written, skipInputValidation: true);
        buffer.Return();
    }
}

/// <summary>Keeps any value inside another type as its text.</summary>
internal sealed class JsonTextConverter : JsonConverter<JsonText>
{
    public override bool HandleNull => true;

    public override JsonText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var buffer = WireWriter.Rent();
        WireTokens.Copy(ref reader, buffer);
        var text = new JsonText(buffer.Written);
        buffer.Return();
        return text;
    }

    public override void Write(Utf8JsonWriter writer, JsonText value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
}

/// <summary>Reads a member of type object as the natural .NET value, and writes it as the type that it is.</summary>
internal sealed class NaturalValueConverter(WireJson json) : JsonConverter<object?>
{
    // Each member of type object starts the serializer anew, which so cannot see that a value holds itself. It is
    // a small number since an exception on its way through that many serializers needs stack for each of them.
    private const int MaxDepth = 32;

    [ThreadStatic]
    private static int s_depth;

    public override object? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var buffer = WireWriter.Rent();
        WireTokens.Copy(ref reader, buffer);
        var value = NaturalValues.Read(buffer.Written);
        buffer.Return();
        return value;
    }

    public override void Write(Utf8JsonWriter writer, object? value, JsonSerializerOptions options)
    {
        if (value?.GetType() == typeof(object))
        {
            writer.WriteStartObject();
            writer.WriteEndObject();
            return;
        }

        if (s_depth == MaxDepth)
            throw new WireTypeException(value?.GetType() ?? typeof(object), new JsonException($"members of type object lie deeper than {MaxDepth} in each other, or the value holds itself."));
        s_depth++;
        try
        {
            var buffer = WireWriter.Rent();
            json.Write(buffer, value);
            writer.WriteRawValue(buffer.Written, skipInputValidation: true);
            buffer.Return();
        }
        finally
        {
            s_depth--;
        }
    }
}
