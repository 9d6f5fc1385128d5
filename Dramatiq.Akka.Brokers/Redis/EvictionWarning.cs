using Akka.Event;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>Warns once, at the start, of a server that may drop queues to make room.</summary>
internal sealed class EvictionWarning(RedisLink link, RedisKeys keys, ILoggingAdapter log)
{
    private int _looked;

    /// <summary>Looks, unless that was done. Nobody waits for it: a server that is away must not delay a start.</summary>
    public void Look()
    {
        if (Interlocked.Exchange(ref _looked, 1) == 0) _ = LookAsync();
    }

    private async Task LookAsync()
    {
        try
        {
            var memory = (string?)await link.RunAsync(RedisScript.Info, [keys.Heartbeats], ["memory"]).ConfigureAwait(false) ?? "";
            if (DangerousPolicy(memory) is not { } policy) return;
            log.Warning("Redis may drop queues and messages when its memory is full: its maxmemory-policy is {0}. Set it to noeviction.", policy);
        }
        catch (BrokerException error) when (!error.IsTransient)
        {
            log.Info("Whether Redis may drop keys could not be read (its maxmemory-policy should be noeviction): {0}", error.Message);
        }
        catch (BrokerException)
        {
            // Not reachable yet: asked again with the next declaration.
            Volatile.Write(ref _looked, 0);
        }
    }

    /// <param name="memory">The section of that name of what the server says of itself.</param>
    /// <returns>The policy by which it would drop keys of ours; null when it never does.</returns>
    public static string? DangerousPolicy(string memory) =>
        Field(memory, "maxmemory") is not ("0" or "") && Field(memory, "maxmemory_policy") is var policy and not ("noeviction" or "") ? policy : null;

    private static string Field(string info, string name) =>
        info.Split('\n').FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal))?[(name.Length + 1)..].Trim() ?? "";
}
