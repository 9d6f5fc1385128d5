using StackExchange.Redis;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>Two nodes of a Redis Cluster, each with half of the slots.</summary>
internal sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16_384;
    private readonly string _folder = Directory.CreateTempSubdirectory("dramatiq-redis-cluster-").FullName;
    private readonly List<RedisProcess> _nodes = [];
    private readonly List<ConnectionMultiplexer> _connections = [];

    private RedisCluster()
    {
    }

    /// <summary>All nodes, as dramatiq.redis.url names them.</summary>
    public string Url => $"redis://{string.Join(',', _nodes.Select(static node => $"127.0.0.1:{node.Port}"))}/0";

    public static async Task<RedisCluster> StartAsync()
    {
        var cluster = new RedisCluster();
        await cluster.AddNodeAsync(0, Slots / 2 - 1);
        await cluster.AddNodeAsync(Slots / 2, Slots - 1);
        await cluster.AskAsync(0, "CLUSTER", "MEET", "127.0.0.1", cluster._nodes[1].Port);
        for (var node = 0; node < 2; node++)
        {
            var asked = node;
            await RedisFixture.EventuallyAsync(
                async () => ((string)(await cluster.AskAsync(asked, "CLUSTER", "INFO"))!).Contains("cluster_state:ok", StringComparison.Ordinal), $"node {node} knows of all slots");
        }

        return cluster;
    }

    /// <summary>A hash tag whose keys are on this node.</summary>
    public async Task<string> TagOnAsync(int node)
    {
        for (var i = 0; ; i++)
        {
            if ((int)(await AskAsync(0, "CLUSTER", "KEYSLOT", $"{{tasks{i}}}")) / (Slots / 2) == node)
                return $"{{tasks{i}}}";
        }
    }

    /// <summary>How many keys a node has.</summary>
    public async Task<long> KeysOnAsync(int node) => (long)await AskAsync(node, "DBSIZE");

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections) await connection.DisposeAsync();
        foreach (var node in _nodes) await node.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task AddNodeAsync(int firstSlot, int lastSlot)
    {
        var port = PortOfNode();
        var folder = Directory.CreateDirectory(Path.Combine(_folder, $"{port}")).FullName;
        _nodes.Add(await RedisProcess.StartAsync(port, "--port", $"{port}", "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--cluster-enabled", "yes"));

        _connections.Add(await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { { "127.0.0.1", port } }, AllowAdmin = true, AbortOnConnectFail = false }.WithPatience()));
        await AskAsync(_nodes.Count - 1, "CLUSTER", "ADDSLOTSRANGE", firstSlot, lastSlot);
    }

    private Task<RedisResult> AskAsync(int node, string command, params object[] arguments) =>
        _connections[node].GetServer("127.0.0.1", _nodes[node].Port).ExecuteAsync(command, arguments);

    /// <summary>Nodes speak to each other on a port that lies 10,000 higher, and that must not be one which the system gives away either.</summary>
    private static int PortOfNode()
    {
        int port;
        do port = FreePort.Take();
        while (port >= 22_700);
        return port;
    }
}
