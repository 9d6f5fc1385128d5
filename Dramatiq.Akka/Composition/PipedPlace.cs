using System.Runtime.CompilerServices;
using System.Text;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Actors.Binding;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Composition;

/// <summary>A task's constructor wants all arguments, also the last, which only the step before can give: what stands there is taken out.</summary>
internal static class PipedPlace
{
    /// <exception cref="EnqueueFailedException">There is no such place, or something else stands in it.</exception>
    public static ReadOnlyMemory<byte> TakenOut(DeclaredActor actor, ReadOnlyMemory<byte> args)
    {
        if (actor.Signature is not { Parameters: var parameters })
            return args;
        if (parameters.Count == 0)
            throw new EnqueueFailedException($"'{actor.Name}' takes no argument, so it cannot take the result of the step before it. Give its step the option {OptionNames.PipeIgnore}, or the task a parameter.");

        var place = parameters[^1];
        if (place.TakesRest)
            return args;

        _ = PipedArguments.Count(args.Span, out var last);
        var free = WireWriter.Rent();
        actor.Json.Write(free, DefaultOf(place), place.Type);
        var isFree = args.Span[last].SequenceEqual(free.Written);
        var expected = Encoding.UTF8.GetString(free.Written);
        free.Return();
        return isFree
            ? PipedArguments.WithoutLast(args.Span)
            : throw new EnqueueFailedException(
                $"'{actor.Name}' follows another step, whose result is its last argument '{place.Name}', and was given {Encoding.UTF8.GetString(args.Span[last])} there. Leave it at its default ({expected}), or give the step the option {OptionNames.PipeIgnore}.");
    }
    private static object? DefaultOf(ParameterDescription place) => (place.HasDefault ? place.Default : null)
        ?? (place.Type.IsValueType && Nullable.GetUnderlyingType(place.Type) is null ? RuntimeHelpers.GetUninitializedObject(place.Type) : null);
}
