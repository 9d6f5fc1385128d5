using Akka;
using Akka.Streams.Dsl;
using Akka.Util;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>The queues that are paused for every process: a set that outlives them all, and a channel for the news.</summary>
internal sealed class RedisPauses(RedisParts parts)
{
    /// <summary>How often the set is read without news: a cut may have swallowed some.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    public async ValueTask<IReadOnlySet<string>> GetAsync() =>
        SetOf(await parts.Link.AskAsync(database => database.SetMembersAsync(parts.Keys.Paused)).ConfigureAwait(false));

    public async ValueTask<IReadOnlySet<string>> SetAsync(string queue, bool isPaused) => SetOf((RedisValue[])(await parts.Link.RunAsync(
        RedisScript.Pause, [parts.Keys.Paused], [isPaused ? "SADD" : "SREM", queue, parts.Keys.Paused.ToString()]).ConfigureAwait(false))!);

    public Source<IReadOnlySet<string>, NotUsed> Watch() => Source.UnfoldResourceAsync<IReadOnlySet<string>, News>(
        async () =>
        {
            var news = new News(parts);
            await news.SubscribeAsync().ConfigureAwait(false);
            return news;
        },
        async news =>
        {
            await news.NextAsync(Interval).ConfigureAwait(false);
            return Option<IReadOnlySet<string>>.Create(await GetAsync().ConfigureAwait(false));
        },
        async news =>
        {
            await news.UnsubscribeAsync().ConfigureAwait(false);
            return Done.Instance;
        });

    private static HashSet<string> SetOf(RedisValue[] queues) => queues.Select(static queue => queue.ToString()).ToHashSet(StringComparer.Ordinal);

    /// <summary>One subscription. What comes while nobody waits is kept, as one.</summary>
    private sealed class News(RedisParts parts)
    {
        private readonly Signal _signal = new();
        private readonly RedisChannel _channel = RedisChannel.Literal(parts.Keys.Paused.ToString());
        private IConnectionMultiplexer? _connection;

        public async Task SubscribeAsync()
        {
            _signal.Set();   // the first look needs no news
            _connection = await parts.Link.AskAsync(async database =>
            {
                await database.Multiplexer.GetSubscriber().SubscribeAsync(_channel, OnNews).ConfigureAwait(false);
                return database.Multiplexer;
            }).ConfigureAwait(false);
            _connection.ConnectionRestored += OnRestored;
        }

        public async Task NextAsync(TimeSpan longest)
        {
            try
            {
                await _signal.WaitAsync().WaitAsync(longest).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // Looked at all the same.
            }
        }

        public async Task UnsubscribeAsync()
        {
            if (_connection is not { } connection)
                return;

            connection.ConnectionRestored -= OnRestored;
            if (connection.IsConnected)
                await connection.GetSubscriber().UnsubscribeAsync(_channel, OnNews, CommandFlags.FireAndForget).ConfigureAwait(false);
        }

        private void OnNews(RedisChannel channel, RedisValue queue) => _signal.Set();

        private void OnRestored(object? sender, ConnectionFailedEventArgs restored) => _signal.Set();
    }
}
