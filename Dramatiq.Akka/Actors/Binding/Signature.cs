using System.Reflection;

namespace Dramatiq.Akka.Actors.Binding;

/// <summary>What an actor takes: its parameters in order, and the texts for messages that do not fit.</summary>
internal sealed class Signature
{
    internal Signature(string actorName, IEnumerable<ParameterInfo> parameters)
    {
        ActorName = actorName;
        Parameters = [.. parameters.Select(parameter => ParameterDescription.Of(parameter, actorName))];
        Positional = Parameters.Length > 0 && Parameters[^1].TakesRest ? Parameters.Length - 1 : Parameters.Length;
        if (Parameters.GroupBy(parameter => parameter.Name).FirstOrDefault(same => same.Count() > 1) is { } twins)
            throw new ArgumentException($"{actorName}: {twins.Count()} parameters are called '{twins.Key}' on the wire. Rename one of them.");
    }

    internal string ActorName { get; }

    internal ParameterDescription[] Parameters { get; }

    /// <summary>How many parameters take one positional argument each; those beyond go to the rest.</summary>
    internal int Positional { get; }

    /// <summary>Whether the last parameter takes the positional arguments beyond the others.</summary>
    internal bool TakesRest => Positional < Parameters.Length;

    /// <summary>The place of the parameter with this name on the wire, or -1.</summary>
    internal int IndexOf(ReadOnlySpan<byte> utf8Name)
    {
        for (var index = 0; index < Parameters.Length; index++)
            if (utf8Name.SequenceEqual(Parameters[index].Utf8Name.Span)) return index;
        return -1;
    }

    internal ArgumentBindingException Missing(int index) =>
        new(ActorName, Parameters[index].Name, $"missing argument '{Parameters[index].Name}'. {Takes()}");

    internal ArgumentBindingException Unexpected(string name) =>
        new(ActorName, null, $"unexpected argument '{name}'. {Takes()}");

    internal ArgumentBindingException Twice(int index) =>
        new(ActorName, Parameters[index].Name, $"argument '{Parameters[index].Name}' is given twice, by position and by name. {Takes()}");

    internal ArgumentBindingException TooMany(int given) =>
        new(ActorName, null, $"too many positional arguments: {given}. {Takes()}");

    internal ArgumentBindingException Unreadable(int index, Messages.WireTypeException cause) =>
        Unreadable(index, cause.Excerpt, cause.Expected, cause);

    internal ArgumentBindingException IsNull(int index) =>
        Unreadable(index, "null", $"a {Messages.TypeNames.Of(Parameters[index].Type)} is expected, and null is not allowed", null);

    private ArgumentBindingException Unreadable(int index, string excerpt, string expected, Exception? cause) =>
        new(ActorName, Parameters[index].Name,
            $"parameter '{Parameters[index].Name}' ({Messages.TypeNames.Of(Parameters[index].Type)}) cannot be read from {excerpt}: {expected}.", cause);

    private string Takes() => $"It takes ({string.Join(", ", (object[])Parameters)}).";
}
