using Akka.Event;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>
/// The connections of one actor system: whatever uses the same server in the same way (the broker, results, rate limits) shares one. The last to close it closes it.
/// </summary>
internal sealed class RedisLinks : IExtension
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Name, Shared> _open = [];

    public static RedisLinks Get(ActorSystem system) => system.WithExtension<RedisLinks, RedisLinksProvider>();

    /// <summary>A share in the connections. They must not be disposed; the share must.</summary>
    public Share Open(RedisSettings settings, ILoggingAdapter log)
    {
        var name = new Name(settings.Url.Identity, settings.CommandTimeout, settings.Tracks, settings.ConfigureConnection);
        lock (_gate)
        {
            if (!_open.TryGetValue(name, out var shared))
                _open.Add(name, shared = new Shared(settings, log));
            shared.Holders++;
            return new Share(shared.Link, shared.WakeUps, () => CloseAsync(name));
        }
    }

    private async ValueTask CloseAsync(Name name)
    {
        Shared shared;
        lock (_gate)
        {
            shared = _open[name];
            if (--shared.Holders > 0) return;
            _open.Remove(name);
        }

        await shared.WakeUps.DisposeAsync().ConfigureAwait(false);
        await shared.Link.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>What connections have in common that can be shared. Code that configures one is the same if it is the same delegate.</summary>
    private readonly record struct Name(string Url, TimeSpan CommandTimeout, bool Tracks, Action<ConfigurationOptions>? Configure);

    private sealed class Shared
    {
        public Shared(RedisSettings settings, ILoggingAdapter log)
        {
            Link = new RedisLink(settings);
            WakeUps = new WakeUps(Link, settings, new RedisKeys(settings.Namespace), log);
        }

        public RedisLink Link { get; }

        public WakeUps WakeUps { get; }

        public int Holders { get; set; }
    }

    /// <summary>One user's part in a connection.</summary>
    public sealed class Share : IAsyncDisposable
    {
        private readonly Func<ValueTask> _close;
        private int _closed;

        internal Share(RedisLink link, WakeUps wakeUps, Func<ValueTask> close)
        {
            _close = close;
            Link = link;
            WakeUps = wakeUps;
        }

        /// <summary>The connection for commands.</summary>
        public RedisLink Link { get; }

        /// <summary>The connection that waits.</summary>
        public WakeUps WakeUps { get; }

        public ValueTask DisposeAsync() => Interlocked.Exchange(ref _closed, 1) == 0 ? _close() : ValueTask.CompletedTask;
    }
}

/// <summary>Makes the <see cref="RedisLinks"/> of an actor system.</summary>
internal sealed class RedisLinksProvider : ExtensionIdProvider<RedisLinks>
{
    public override RedisLinks CreateExtension(ExtendedActorSystem system) => new();
}
