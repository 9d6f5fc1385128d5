using Akka.Event;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>
/// The connections of one actor system: whatever uses the same server in the same way (the broker, results, rate limits) shares one. The last to close it closes it.
/// </summary>
internal sealed class RedisLinks : IExtension
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Shared> _open = new(StringComparer.Ordinal);

    public static RedisLinks Get(ActorSystem system) => system.WithExtension<RedisLinks, RedisLinksProvider>();

    /// <summary>A share in the connections. They must not be disposed; the share must.</summary>
    public Share Open(RedisSettings settings, ILoggingAdapter log)
    {
        // What code has configured cannot be compared: it is not shared.
        var name = settings.ConfigureConnection is null ? $"{settings.Url.Identity} {settings.CommandTimeout}" : Guid.NewGuid().ToString();
        lock (_gate)
        {
            if (!_open.TryGetValue(name, out var shared))
                _open.Add(name, shared = new Shared(settings, log));
            shared.Holders++;
            return new Share(this, name, shared.Link, shared.WakeUps);
        }
    }

    private async ValueTask CloseAsync(string name)
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
        private readonly RedisLinks _links;
        private readonly string _name;
        private int _closed;

        internal Share(RedisLinks links, string name, RedisLink link, WakeUps wakeUps)
        {
            _links = links;
            _name = name;
            Link = link;
            WakeUps = wakeUps;
        }

        /// <summary>The connection for commands.</summary>
        public RedisLink Link { get; }

        /// <summary>The connection that waits.</summary>
        public WakeUps WakeUps { get; }

        public ValueTask DisposeAsync() => Interlocked.Exchange(ref _closed, 1) == 0 ? _links.CloseAsync(_name) : ValueTask.CompletedTask;
    }
}

/// <summary>Makes the <see cref="RedisLinks"/> of an actor system.</summary>
internal sealed class RedisLinksProvider : ExtensionIdProvider<RedisLinks>
{
    public override RedisLinks CreateExtension(ExtendedActorSystem system) => new();
}
