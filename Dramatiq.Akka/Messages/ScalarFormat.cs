namespace Dramatiq.Akka.Messages;

internal delegate T ScalarRead<out T>(ReadOnlySpan<byte> json);

internal delegate void ScalarWrite<in T>(WireWriter writer, T value);

/// <summary>How one simple type is read and written without a serializer.</summary>
internal abstract class ScalarFormat
{
    internal abstract object? ReadBoxed(ReadOnlySpan<byte> json);

    internal abstract void WriteBoxed(WireWriter writer, object? value);
}

/// <inheritdoc />
internal sealed class ScalarFormat<T>(ScalarRead<T> read, ScalarWrite<T> write) : ScalarFormat
{
    /// <summary>The format of this type; null for a type that needs the serializer.</summary>
    internal static ScalarFormat<T>? Instance { get; } = (ScalarFormat<T>?)Scalars.For(typeof(T));

    internal ScalarRead<T> Read { get; } = read;

    internal ScalarWrite<T> Write { get; } = write;

    internal override object? ReadBoxed(ReadOnlySpan<byte> json) => Read(json);

    internal override void WriteBoxed(WireWriter writer, object? value) => Write(writer, (T)value!);
}
