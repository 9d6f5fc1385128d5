namespace Dramatiq.Akka.Composition;

/// <summary>What pipelines and groups are made of.</summary>
internal static class Parts
{
    public static IReadOnlyList<object> Checked(IEnumerable<object> parts, string empty)
    {
        ArgumentNullException.ThrowIfNull(parts);
        object[] all = [.. parts];
        for (var i = 0; i < all.Length; i++)
            if (all[i] is null)
                throw new ArgumentException($"Part {i + 1} is null. Each part is a task, an ActorCall, an Enqueue, a Message, a Pipeline or a Group.", nameof(parts));
        return all.Length > 0 ? all : throw new ArgumentException(empty, nameof(parts));
    }

    public static object Checked(object callback) => callback switch
    {
        null => throw new ArgumentNullException(nameof(callback)),
        Pipeline or Group => throw new ArgumentException($"A callback is one message, and was given a {callback.GetType().Name}. Let the callback's own handler run it.", nameof(callback)),
        _ => callback,
    };
}

/// <summary>That results are stored.</summary>
/// <param name="Ttl">How long; null for what the actor or the middleware says.</param>
internal sealed record ResultKeeping(TimeSpan? Ttl);
