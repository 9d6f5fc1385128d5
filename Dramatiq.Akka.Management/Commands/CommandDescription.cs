namespace Dramatiq.Akka.Management.Commands;

/// <summary>A command that a host publishes, so that a client can offer and call it without having known of it.</summary>
/// <param name="Name">One or more words: <c>queue pause</c>.</param>
/// <param name="Help">What it does, in a sentence.</param>
/// <param name="Method"><c>GET</c> for a question, <c>POST</c> for an order.</param>
/// <param name="Path">Where it is, beneath the address of the management; <c>{queue}</c> stands for the parameter of that name.</param>
/// <param name="IsOrder">Whether it needs the permission to order.</param>
/// <param name="Destroys">Whether it takes away what cannot be had back, so that a client asks before.</param>
/// <param name="IsBuiltIn">False for one that the application added; its answer is a <see cref="CommandResult"/>.</param>
/// <param name="Parameters">What it takes. Those of the path are named in it; the others go into the query of a GET, or the JSON object that is the body of a POST.</param>
public sealed record CommandDescription(
    string Name, string Help, string Method, string Path, bool IsOrder, bool Destroys, bool IsBuiltIn, IReadOnlyList<CommandParameter> Parameters);

/// <summary>What a command takes.</summary>
/// <param name="Name">Its name, in camelCase.</param>
/// <param name="Help">What it means.</param>
/// <param name="Type">What it is.</param>
/// <param name="IsRequired">Whether it must be given.</param>
/// <param name="IsList">Whether it may be given several times; a JSON array in a body.</param>
/// <param name="Default">What holds when it is not given, as text; null for nothing.</param>
/// <param name="Choices">What it may be, where that is a few words.</param>
public sealed record CommandParameter(
    string Name, string Help, CommandParameterType Type = CommandParameterType.Text, bool IsRequired = false, bool IsList = false, string? Default = null, IReadOnlyList<string>? Choices = null);

/// <summary>Of what kind a parameter is.</summary>
public enum CommandParameterType
{
    /// <summary>Any text, or one of the choices.</summary>
    Text,

    /// <summary>A whole number.</summary>
    WholeNumber,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>A time, as ISO 8601.</summary>
    Time,

    /// <summary>JSON: the text of it, or in a body the value itself.</summary>
    Json,
}

/// <summary>What a command of the application answered: one of the two.</summary>
/// <param name="Text">What to show as it is.</param>
/// <param name="Value">Anything else.</param>
public sealed record CommandResult(string? Text, object? Value);

/// <summary>The commands of a host, by name.</summary>
/// <param name="Commands">Those built in, and those that the application added.</param>
public sealed record CommandList(IReadOnlyList<CommandDescription> Commands);
