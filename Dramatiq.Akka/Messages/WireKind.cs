namespace Dramatiq.Akka.Messages;

/// <summary>What a JSON value is, told from its first byte.</summary>
public enum WireKind
{
    /// <summary><c>null</c></summary>
    Null,

    /// <summary><c>true</c> or <c>false</c></summary>
    Boolean,

    /// <summary>An integer of any size, a float, or one of <c>NaN</c>, <c>Infinity</c>, <c>-Infinity</c>.</summary>
    Number,

    /// <summary>A string.</summary>
    Text,

    /// <summary>An array.</summary>
    Array,

    /// <summary>An object.</summary>
    Map,
}
