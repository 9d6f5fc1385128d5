using System.Text;
using System.Text.Json;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Tests.Results;

/// <summary>What Python's Dramatiq stored, and under which key.</summary>
internal static class ResultVectors
{
    /// <param name="Message">The message whose result it is.</param>
    /// <param name="HasReadableKeys">Whether the keys were left readable.</param>
    /// <param name="Key">The key.</param>
    /// <param name="Stored">The bytes in the list.</param>
    /// <param name="Exception">Type and message; null for a value.</param>
    /// <param name="Value">The value as JSON; null for an exception.</param>
    internal sealed record Vector(Message Message, bool HasReadableKeys, string Key, byte[] Stored, (string Type, string Message)? Exception, string? Value);

    internal static IReadOnlyList<Vector> All { get; } = Load();

    private static Vector[] Load()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "results.json")));
        return [.. file.RootElement.GetProperty("data").EnumerateArray().Select(static vector => new Vector(
            Message.Decode(Encoding.UTF8.GetBytes(vector.GetProperty("message").GetRawText())),
            vector.GetProperty("namespace_keys").GetBoolean(),
            vector.GetProperty("key").GetString()!,
            Encoding.UTF8.GetBytes(Assert.Single(vector.GetProperty("list").EnumerateArray()).GetString()!),
            vector.TryGetProperty("exception", out var exception) ? (exception[0].GetString()!, exception[1].GetString()!) : null,
            vector.TryGetProperty("result", out var result) ? result.GetRawText() : null))];
    }
}
