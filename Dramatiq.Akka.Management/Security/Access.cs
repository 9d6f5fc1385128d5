namespace Dramatiq.Akka.Management.Security;

/// <summary>What whoever asks may do.</summary>
internal enum Access
{
    None,

    /// <summary>Look.</summary>
    Read,

    /// <summary>Look, and give orders.</summary>
    Order,
}
