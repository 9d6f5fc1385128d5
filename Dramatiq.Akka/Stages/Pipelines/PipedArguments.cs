using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>The positional arguments of a message that gets a result as its last.</summary>
internal static class PipedArguments
{
    /// <summary>The JSON array with one more element.</summary>
    public static ReadOnlyMemory<byte> WithLast(ReadOnlySpan<byte> array, ReadOnlySpan<byte> element)
    {
        var body = array[..array.LastIndexOf((byte)']')].TrimEnd(" \t\r\n"u8);
        return (byte[])[.. body, .. body.Length > 1 ? ","u8 : default, .. element, (byte)']'];
    }

    /// <summary>How many elements the JSON array has, and where the last of them is.</summary>
    public static int Count(ReadOnlySpan<byte> array, out Range last)
    {
        var reader = new WireReader(array);
        var count = 0;
        last = default;
        reader.EnterArray();
        for (; reader.NextItem(); count++)
            last = reader.Skip();
        return count;
    }

    /// <summary>The JSON array without its last element.</summary>
    public static ReadOnlyMemory<byte> WithoutLast(ReadOnlySpan<byte> array)
    {
        _ = Count(array, out var last);
        var body = array[..last.Start].TrimEnd(" \t\r\n,"u8);
        return (byte[])[.. body, (byte)']'];
    }
}
