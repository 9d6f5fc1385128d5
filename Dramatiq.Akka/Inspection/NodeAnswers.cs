using System.Reflection;
using Dramatiq.Akka.Brokers;

namespace Dramatiq.Akka.Inspection;

/// <summary>Answers about this process, and drains it.</summary>
internal sealed class NodeAnswers(InspectionParts parts, LocalLook look, DateTimeOffset startedAt)
{
    private static readonly string Version =
        typeof(NodeAnswers).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public async Task<NodeReport> ReportAsync()
    {
        var sight = await look.LookAsync().ConfigureAwait(false);
        var gateway = sight.Gateway ?? Enqueueing.GatewayProtocol.Snapshot.Empty;
        return new NodeReport(
            parts.NodeName, Version, sight.State, startedAt,
            new BrokerReport(parts.Broker.Name, parts.Broker is IInspectsQueues, parts.Broker is IKeepsPauses, parts.Broker is IDelaysNatively),
            new GatewayReport(gateway.Pending, gateway.PendingBytes, gateway.EnqueuedByQueue.Values.Sum(), gateway.Failed),
            parts.Lives is not null);
    }

    /// <summary>Whoever ordered it is told that it has begun: the end may be minutes away.</summary>
    public async Task<NodeReport> DrainAsync()
    {
        _ = parts.Drain();
        return await ReportAsync().ConfigureAwait(false);
    }
}
