using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dramatiq.Akka.Messages;

/// <summary>
/// How the types of arguments and results become JSON and come back. Simple types take a direct way; all others go through
/// System.Text.Json with snake_case names, and still come out as Python writes them. Safe for any number of threads.
/// </summary>
public sealed class WireJson
{
    private readonly JsonSerializerOptions _options;

    // Simple types that a converter of the user claims: they lose the direct way.
    private readonly HashSet<Type>? _claimed;

    /// <summary>Creates a codec.</summary>
    /// <param name="configure">
    /// Changes the options of the serializer, for instance by adding converters, which come before those of this library;
    /// null for none. Members are snake_case, read in any case; enums are snake_case strings, and read from integers too.
    /// </param>
    public WireJson(Action<JsonSerializerOptions>? configure = null)
    {
        _options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            PropertyNameCaseInsensitive = true,
            MaxDepth = WireReader.MaxDepth,
        };
        configure?.Invoke(_options);
        _claimed = Claimed(_options.Converters);
        _options.Converters.Add(new WireStringConverter());
        _options.Converters.Add(new ScalarConverter<double>());
        _options.Converters.Add(new ScalarConverter<float>());
        _options.Converters.Add(new ScalarConverter<System.Numerics.BigInteger>());
        _options.Converters.Add(new JsonTextConverter());
        _options.Converters.Add(new NaturalValueConverter(this));
        _options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
        _options.MakeReadOnly(populateMissingResolver: true);
    }

    /// <summary>The codec with nothing changed.</summary>
    public static WireJson Default { get; } = new();

    /// <summary>Reads a value.</summary>
    /// <param name="json">The text of one JSON value in UTF-8, without blanks around it.</param>
    /// <exception cref="WireTypeException">The value is not what the type needs. Integers are not read from floats or strings.</exception>
    /// <exception cref="DecodeException">The text is no JSON.</exception>
    public T? Read<T>(ReadOnlySpan<byte> json) =>
        ScalarFormat<T>.Instance is { } format && IsDirect(typeof(T)) ? format.Read(json) : (T?)ReadOther(json, typeof(T));

    /// <summary>Reads a value of a type known at run time only; see <see cref="Read{T}"/>.</summary>
    public object? Read(ReadOnlySpan<byte> json, Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return Scalars.For(type) is { } format && IsDirect(type) ? format.ReadBoxed(json) : ReadOther(json, type);
    }

    /// <summary>Writes a value.</summary>
    /// <exception cref="WireTypeException">The value has no JSON form, for instance since it holds itself.</exception>
    public void Write<T>(WireWriter writer, T value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (ScalarFormat<T>.Instance is { } format && IsDirect(typeof(T))) format.Write(writer, value);
        else Write(writer, value, typeof(T));
    }

    /// <summary>Writes a value as a type known at run time only; as <see cref="object"/>, it is written as the type that it is.</summary>
    /// <exception cref="WireTypeException">The value has no JSON form, for instance since it holds itself.</exception>
    public void Write(WireWriter writer, object? value, Type type)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(type);
        if (value is null)
        {
            writer.WriteNull();
            return;
        }

        if (type == typeof(object)) type = value.GetType();
        if (Scalars.For(type) is { } format && IsDirect(type)) format.WriteBoxed(writer, value);
        else WriteOther(writer, value, type);
    }

    private static HashSet<Type>? Claimed(IList<JsonConverter> converters)
    {
        var claimed = Scalars.Types.Where(type => converters.Any(converter => converter.CanConvert(type))).ToHashSet();
        return claimed.Count == 0 ? null : claimed;
    }

    private bool IsDirect(Type type) => _claimed is null || !_claimed.Contains(type);

    private object? ReadOther(ReadOnlySpan<byte> json, Type type)
    {
        try
        {
            if (type == typeof(object)) return NaturalValues.Read(json);
            return BareTokens.MayBeIn(json) ? ReadQuoted(json, type) : JsonSerializer.Deserialize(json, type, _options);
        }
        catch (JsonException e)
        {
            var place = e.Path is null or "$" ? "" : $" at {e.Path}";
            throw new WireTypeException(json, type, $"it does not fit {TypeNames.Of(type)}{place}", e);
        }
        catch (Exception e) when (e is not (WireTypeException or DecodeException or OutOfMemoryException))
        {
            // A constructor or converter of the user's type may refuse a value with any exception.
            throw new WireTypeException(json, type, $"{TypeNames.Of(type)} refuses it with {e.GetType().Name}: {e.Message.TrimEnd('.')}", e);
        }
    }

    private object? ReadQuoted(ReadOnlySpan<byte> json, Type type)
    {
        var writer = WireWriter.Rent();
        WireTranscoder.QuoteTokens(json, writer);
        var value = JsonSerializer.Deserialize(writer.Written, type, _options);
        writer.Return();
        return value;
    }

    private void WriteOther(WireWriter writer, object value, Type type)
    {
        try
        {
            if (NaturalValues.TryWrite(this, writer, value)) return;
            var buffer = WireWriter.Rent();
            using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true, MaxDepth = WireReader.MaxDepth }))
                JsonSerializer.Serialize(json, value, type, _options);
            WireTranscoder.ToPython(buffer.Written, writer);
            buffer.Return();
        }
        catch (Exception e) when (e is not (WireTypeException or OutOfMemoryException))
        {
            throw new WireTypeException(type, e);
        }
    }
}
