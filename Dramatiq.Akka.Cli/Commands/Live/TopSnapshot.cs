using System.Text.Json;
using System.Text.Json.Nodes;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Commands.Live;

/// <summary>What <c>top</c> shows at one moment.</summary>
internal sealed record TopSnapshot(Answer<NodeReport> NodeAnswer, Answer<QueueList> QueueAnswer, Answer<PoolList> PoolAnswer, Uri Url)
{
    public NodeReport Node { get; } = NodeAnswer.Value;

    public IReadOnlyList<QueueReport> Queues { get; } = QueueAnswer.Value.Queues;

    public IReadOnlyList<PoolReport> Pools { get; } = PoolAnswer.Value.Pools;

    /// <summary>The three answers as they came, in one document.</summary>
    public JsonElement ToJson() => JsonSerializer.SerializeToElement(new JsonObject
    {
        ["node"] = JsonNode.Parse(NodeAnswer.Json.GetRawText()),
        ["queues"] = JsonNode.Parse(QueueAnswer.Json.GetProperty("queues").GetRawText()),
        ["pools"] = JsonNode.Parse(PoolAnswer.Json.GetProperty("pools").GetRawText()),
    });
}
