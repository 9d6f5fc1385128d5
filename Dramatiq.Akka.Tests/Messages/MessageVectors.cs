using System.Text;
using System.Text.Json;

namespace Dramatiq.Akka.Tests.Messages;

/// <summary>The bytes that Python's Dramatiq wrote, by name.</summary>
internal static class MessageVectors
{
    private static readonly IReadOnlyList<(string Name, string Wire)> All = Load();

    internal static TheoryData<string> Names => new(All.Select(vector => vector.Name));

    internal static IReadOnlyList<byte[]> Bodies { get; } = [.. All.Select(vector => Encoding.UTF8.GetBytes(vector.Wire))];

    internal static string Wire(string name) => All.Single(vector => vector.Name == name).Wire;

    internal static byte[] Body(string name) => Encoding.UTF8.GetBytes(Wire(name));

    private static (string Name, string Wire)[] Load()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "messages.json")));
        return [.. file.RootElement.GetProperty("data").EnumerateArray()
            .Select(vector => (vector.GetProperty("name").GetString()!, vector.GetProperty("wire").GetString()!))];
    }
}
