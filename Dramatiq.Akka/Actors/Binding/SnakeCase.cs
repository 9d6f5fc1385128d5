using System.Text.Json;

namespace Dramatiq.Akka.Actors.Binding;

/// <summary>Names as Python writes them.</summary>
internal static class SnakeCase
{
    /// <summary>CountWords becomes count_words. The rule is the serializer's, so that parameters and members are named alike.</summary>
    internal static string From(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
