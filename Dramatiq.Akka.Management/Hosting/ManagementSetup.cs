using Akka.Actor.Setup;

namespace Dramatiq.Akka.Management.Hosting;

/// <summary>Brings what <c>WithManagement</c> was told to where requests are answered.</summary>
internal sealed class ManagementSetup(ManagementOptions options) : Setup
{
    public ManagementOptions Options { get; } = options;
}
