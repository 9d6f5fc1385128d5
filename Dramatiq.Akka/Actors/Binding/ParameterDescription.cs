using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Actors.Binding;

/// <summary>One parameter that a message fills.</summary>
internal sealed class ParameterDescription
{
    private ParameterDescription(ParameterInfo source, string name, bool refusesNull)
    {
        Source = source;
        Name = name;
        Utf8Name = Encoding.UTF8.GetBytes(name);
        RefusesNull = refusesNull;
        TakesRest = source.ParameterType.IsArray && source.IsDefined(typeof(ParamArrayAttribute), inherit: false);
    }

    /// <summary>The name on the wire.</summary>
    internal string Name { get; }

    /// <summary>The type in C#; an array for a parameter that takes the rest.</summary>
    internal Type Type => Source.ParameterType;

    /// <summary>Whether a message may leave it out.</summary>
    internal bool HasDefault => Source.HasDefaultValue;

    /// <summary>What it is when left out; null also for the default of a struct.</summary>
    internal object? Default => Source.DefaultValue;

    /// <summary>Whether it is a trailing <c>params</c> array.</summary>
    internal bool TakesRest { get; }

    /// <summary>Whether the C# type is a reference that is declared never to be null.</summary>
    internal bool RefusesNull { get; }

    internal ReadOnlyMemory<byte> Utf8Name { get; }

    internal ParameterInfo Source { get; }

    internal static ParameterDescription Of(ParameterInfo source, string owner)
    {
        if (source.Name is null) throw new ArgumentException($"{owner}: a parameter has no name, so no message could fill it. Give it one.");
        if (source.ParameterType.IsByRef || source.ParameterType.IsByRefLike || source.ParameterType.IsPointer)
            throw new ArgumentException($"{owner}: parameter '{source.Name}' is passed by reference, and a message cannot fill that. Pass it by value.");
        var refusesNull = !source.ParameterType.IsValueType && source.ParameterType != typeof(object)
            && new NullabilityInfoContext().Create(source).WriteState == NullabilityState.NotNull;
        return new ParameterDescription(source, SnakeCase.From(source.Name), refusesNull);
    }

    /// <summary>What it is when left out, as a task that names it would write it; null where it may not be left out.</summary>
    internal ReadOnlyMemory<byte>? DefaultJson()
    {
        if (!HasDefault)
            return null;

        var isStruct = Default is null && Type.IsValueType && Nullable.GetUnderlyingType(Type) is null;
        var writer = new WireWriter();
        WireJson.Default.Write(writer, isStruct ? RuntimeHelpers.GetUninitializedObject(Type) : Default);
        return writer.Written.ToArray();
    }

    /// <summary>The parameter as one writes it in C#, but for its name.</summary>
    public override string ToString()
    {
        var text = $"{(TakesRest ? "params " : "")}{Name}: {TypeNames.Of(Type)}";
        return DefaultJson() is { } json ? $"{text} = {Encoding.UTF8.GetString(json.Span)}" : text;
    }
}
