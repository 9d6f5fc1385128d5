using System.Globalization;

namespace Dramatiq.Akka.Management.Hosting;

/// <summary>Where the management of an actor system listens: <see cref="Get"/> finds it.</summary>
public sealed class ManagementNode : IExtension
{
    private int _sites;

    /// <summary>Where it listens by itself, with the path: <c>http://127.0.0.1:9110/</c>. Null when it does not, or not yet.</summary>
    public Uri? Address => Listener?.Address;

    internal ManagementListener? Listener { get; set; }

    /// <summary>One system may be shown by several: a listener of its own, and a web app.</summary>
    internal string NextActorName() => string.Create(CultureInfo.InvariantCulture, $"dramatiq-management-{Interlocked.Increment(ref _sites)}");

    /// <summary>The management of this actor system.</summary>
    public static ManagementNode Get(ActorSystem system) => system.WithExtension<ManagementNode, ManagementNodeProvider>();
}

/// <summary>Makes the <see cref="ManagementNode"/> of an actor system.</summary>
public sealed class ManagementNodeProvider : ExtensionIdProvider<ManagementNode>
{
    /// <inheritdoc />
    public override ManagementNode CreateExtension(ExtendedActorSystem system) => new();
}
