namespace Dramatiq.Akka.Cli.Http;

/// <summary>A command as a host publishes it under <c>api/commands</c>.</summary>
internal sealed record PublishedCommand(
    string Name, string Help, string Method, string Path, bool IsOrder, bool Destroys, bool IsBuiltIn, IReadOnlyList<PublishedParameter> Parameters);

/// <summary>What it takes. The type is a word, so that a newer host may know more of them.</summary>
internal sealed record PublishedParameter(string Name, string Help, string Type, bool IsRequired, bool IsList, string? Default, IReadOnlyList<string>? Choices);

/// <summary>The commands of a host.</summary>
internal sealed record PublishedCommands(IReadOnlyList<PublishedCommand> Commands);
