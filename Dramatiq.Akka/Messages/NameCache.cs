using System.Buffers.Binary;
using System.Numerics;

namespace Dramatiq.Akka.Messages;

/// <summary>
/// Gives the same string for the same JSON text, so that names of queues, actors and options cost nothing after the first
/// message. Bounded: a name that comes upon a taken place replaces the one there, and a long one is never kept.
/// </summary>
internal static class NameCache
{
    private const int Size = 1024;
    private const int MaxLength = 64;

    // Entries never change and are swapped whole, so readers need no lock; a race costs one string.
    private static readonly Entry?[] Entries = new Entry?[Size];

    /// <summary>Gives the string that the text between the quotes stands for.</summary>
    internal static string Get(ReadOnlySpan<byte> raw)
    {
        if (raw.Length > MaxLength) return WireStrings.Decode(raw);
        ref var place = ref Entries[Hash(raw) & (Size - 1)];
        if (Volatile.Read(ref place) is { } entry && raw.SequenceEqual(entry.Raw)) return entry.Name;
        var name = WireStrings.Decode(raw);
        Volatile.Write(ref place, new Entry(raw.ToArray(), name));
        return name;
    }

    private static uint Hash(ReadOnlySpan<byte> raw)
    {
        var hash = (uint)raw.Length;
        for (; raw.Length >= sizeof(uint); raw = raw[sizeof(uint)..])
            hash = (BitOperations.RotateLeft(hash, 5) ^ BinaryPrimitives.ReadUInt32LittleEndian(raw)) * 0x9E3779B1;
        foreach (var each in raw) hash = (BitOperations.RotateLeft(hash, 5) ^ each) * 0x9E3779B1;
        return hash ^ (hash >> 16);
    }

    private sealed class Entry(byte[] raw, string name)
    {
        internal readonly byte[] Raw = raw;
        internal readonly string Name = name;
    }
}
