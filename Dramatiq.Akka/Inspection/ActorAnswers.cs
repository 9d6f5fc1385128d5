using System.Text.Json;
using Dramatiq.Akka.Actors;

namespace Dramatiq.Akka.Inspection;

/// <summary>Answers what is declared. It never changes, so it is told once and for all.</summary>
internal static class ActorAnswers
{
    public static ActorList List(Declarations declarations) =>
        new([.. declarations.Actors.OrderBy(static actor => actor.Name, StringComparer.Ordinal).Select(ReportOf)]);

    private static ActorReport ReportOf(DeclaredActor actor) => new(
        actor.Name,
        actor.Queue,
        actor.Priority,
        actor.HasHandler,
        actor.TaskType?.FullName,
        actor.Signature is { } signature ? [.. signature.Parameters.Select(static parameter => $"{parameter.Name}: {parameter.Type.Name}")] : [],
        actor.Options.ToDictionary(static option => option.Key, static option => JsonOf(option.Value), StringComparer.Ordinal),
        actor.StageNames);

    /// <summary>Durations are milliseconds, as they are on the wire; what JSON has no word for is text.</summary>
    private static JsonElement JsonOf(object? value) => value switch
    {
        null or bool or string or int or long => JsonSerializer.SerializeToElement(value),
        double number when double.IsFinite(number) => JsonSerializer.SerializeToElement(number),
        TimeSpan time => JsonSerializer.SerializeToElement(time.TotalMilliseconds),
        Type type => JsonSerializer.SerializeToElement(type.FullName),
        IEnumerable<string> texts => JsonSerializer.SerializeToElement(texts),
        _ => JsonSerializer.SerializeToElement(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)),
    };
}
