using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>The option <c>throws</c>: exceptions that are expected, and after which there is no retry.</summary>
internal static class ThrowsOption
{
    public static ActorOption Definition { get; } = ActorOption.Custom(
        OptionNames.Throws,
        "an exception type or several of them (in HOCON a full type name)",
        value => value switch
        {
            null => Type.EmptyTypes,
            Type type when type.IsAssignableTo(typeof(Exception)) => new[] { type },
            Type[] types when Array.TrueForAll(types, type => type.IsAssignableTo(typeof(Exception))) => types,
            string name when Type.GetType(name) is { } type && type.IsAssignableTo(typeof(Exception)) => new[] { type },
            _ => ActorOption.Refused,
        });

    public static bool Matches(MessageContext context, Exception error)
    {
        var expected = context.Actor.Option(OptionNames.Throws, Type.EmptyTypes);
        foreach (var type in expected)
            if (type.IsInstanceOfType(error))
                return true;
        return false;
    }
}
