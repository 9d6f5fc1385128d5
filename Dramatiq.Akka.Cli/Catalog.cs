using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli;

/// <summary>What a host publishes: its commands, and names to complete with.</summary>
/// <param name="Commands">Its commands, ours among them.</param>
/// <param name="Queues">Names of its queues.</param>
/// <param name="Actors">Names of its actors.</param>
/// <param name="LearnedAt">When it was asked.</param>
/// <param name="Problem">Why it could not be asked just now; what is known is of <paramref name="LearnedAt"/> then.</param>
internal sealed record Catalog(
    IReadOnlyList<PublishedCommand> Commands, IReadOnlyList<string> Queues, IReadOnlyList<string> Actors, DateTimeOffset? LearnedAt = null, string? Problem = null)
{
    /// <summary>Long enough for a few presses of the Tab key, and short enough that nobody wonders.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(20);

    public static Catalog Empty { get; } = new([], [], []);

    /// <summary>Asks the host, unless that was done a moment ago. Never fails: who is away is told of in <see cref="Problem"/>.</summary>
    /// <param name="client">Whom to ask; it should not be patient.</param>
    /// <param name="cache">Where it is kept.</param>
    /// <param name="now">The time.</param>
    /// <param name="stop">Ends the wait.</param>
    public static async Task<Catalog> LearnAsync(ManagementClient client, CatalogCache cache, DateTimeOffset now, CancellationToken stop)
    {
        var kept = cache.Read(client.Url);
        if (kept?.LearnedAt is { } then && now >= then && now - then < Freshness)
            return kept;

        try
        {
            var commands = client.GetAsync<PublishedCommands>(Address.Of("commands"), stop);
            var queues = NamesAsync<QueueList>(client, "queues", static list => list.Queues.Select(static queue => queue.Queue), stop);
            var actors = NamesAsync<ActorList>(client, "actors", static list => list.Actors.Select(static actor => actor.Name), stop);
            var learned = new Catalog((await commands.ConfigureAwait(false)).Value.Commands, await queues.ConfigureAwait(false), await actors.ConfigureAwait(false), now);
            cache.Write(client.Url, learned);
            return learned;
        }
        catch (CommandFailure failure)
        {
            return (kept ?? Empty) with { Problem = failure.Message };
        }
    }

    /// <summary>A host whose broker is away still has its commands.</summary>
    private static async Task<IReadOnlyList<string>> NamesAsync<T>(ManagementClient client, string path, Func<T, IEnumerable<string>> names, CancellationToken stop) where T : class
    {
        try
        {
            return [.. names((await client.GetAsync<T>(Address.Of(path), stop).ConfigureAwait(false)).Value)];
        }
        catch (CommandFailure)
        {
            return [];
        }
    }
}
