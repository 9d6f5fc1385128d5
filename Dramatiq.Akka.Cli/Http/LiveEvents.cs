using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace Dramatiq.Akka.Cli.Http;

/// <summary>Listens to a host for as long as it is wanted, over lost connections and restarts of the host.</summary>
/// <param name="client">Whom to listen to.</param>
/// <param name="time">Measures the waits.</param>
/// <param name="lost">Told why, each time the connection is lost.</param>
internal sealed class LiveEvents(ManagementClient client, TimeProvider time, Action<string> lost)
{
    /// <summary>The host sends a comment every 15 s; three of them missing, and it is gone.</summary>
    private static readonly TimeSpan MostSilence = TimeSpan.FromSeconds(45);

    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(15);

    /// <summary>The events. Ends when it is stopped.</summary>
    /// <exception cref="CommandFailure">The first connection fails, or a later one is refused for good.</exception>
    public async IAsyncEnumerable<SseItem<string>> ReadAsync(string topics, [EnumeratorCancellation] CancellationToken stop)
    {
        var path = Address.Of("events") + "?topics=" + topics;
        var stream = await client.ListenAsync(path, stop).ConfigureAwait(false);
        while (true)
        {
            var source = new WatchedStream(stream, MostSilence, time);
            await using (source.ConfigureAwait(false))
            {
                var events = SseParser.Create(source).EnumerateAsync(stop).GetAsyncEnumerator(stop);
                await using (events.ConfigureAwait(false))
                    while (await NextAsync(events, stop).ConfigureAwait(false))
                        yield return events.Current;
            }

            stream = await ReconnectAsync(path, stop).ConfigureAwait(false);
        }
    }

    /// <returns>False when the connection is lost.</returns>
    private async Task<bool> NextAsync(IAsyncEnumerator<SseItem<string>> events, CancellationToken stop)
    {
        try
        {
            if (await events.MoveNextAsync().ConfigureAwait(false))
                return true;
            lost($"{client.Url} has ended the connection.");
        }
        catch (Exception error) when (!stop.IsCancellationRequested && error is IOException or HttpRequestException or OperationCanceledException)
        {
            lost(Problem.Unreachable(client.Url, error, MostSilence).Message);
        }

        return false;
    }

    private async Task<Stream> ReconnectAsync(string path, CancellationToken stop)
    {
        for (var wait = LeastWait; ; wait = wait * 2 < MostWait ? wait * 2 : MostWait)
        {
            await Task.Delay(wait, time, stop).ConfigureAwait(false);
            try
            {
                return await client.ListenAsync(path, stop).ConfigureAwait(false);
            }
            catch (CommandFailure failure) when (failure.ExitCode is ExitCodes.Unreachable or ExitCodes.Failed)
            {
                // It was there a moment ago, so it may come back.
            }
        }
    }
}
