using System.Text;

namespace Dramatiq.Akka.Messages;

/// <summary>A piece of a value that is short enough for an error text.</summary>
internal static class Excerpt
{
    private const int Max = 40;

    internal static string Of(ReadOnlySpan<byte> json) =>
        json.Length <= Max ? Encoding.UTF8.GetString(json) : Encoding.UTF8.GetString(json[..(Max - 3)]) + "...";

    internal static string Of(string text) => text.Length <= Max ? text : string.Concat(text.AsSpan(0, Max - 3), "...");
}
