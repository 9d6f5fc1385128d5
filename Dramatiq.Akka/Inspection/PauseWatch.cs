using Akka.Event;
using Akka.Streams;
using Akka.Streams.Dsl;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Hosting;
using Dramatiq.Akka.Timing;

namespace Dramatiq.Akka.Inspection;

/// <summary>Brings the news of which queues are paused for every process to the consumers of this one.</summary>
internal static class PauseWatch
{
    /// <summary>How long the start waits for the broker to say. Afterwards nothing is taken until it does.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static Props Create(IKeepsPauses broker, NodeOrders node, TimeProvider time) => Props.Create(() => new PauseWatchActor(broker, node, time));

    /// <summary>What is paused before the first consumer starts; null when the broker is away, so that nobody knows.</summary>
    public static async Task<IReadOnlySet<string>?> ReadAsync(IBroker broker, ILoggingAdapter log)
    {
        if (broker is not IKeepsPauses keeper)
            return new HashSet<string>();

        using var late = new CancellationTokenSource(Patience);
        try
        {
            return await keeper.GetPausedAsync(late.Token).AsTask().WaitAsync(late.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or BrokerException { IsTransient: true })
        {
            log.Warning("Nothing is taken from any queue until {0} has said which ones are paused: {1}", broker.Name, error.Message);
            return null;
        }
        catch (BrokerException error)
        {
            log.Warning("{0} does not say which queues are paused for every process, so none is taken as paused: {1}", broker.Name, error.Message);
            return new HashSet<string>();
        }
    }
}

// Watching --news--> told to the node ; Watching --the source ends--> Waiting --Again--> Watching
internal sealed class PauseWatchActor : ReceiveActor
{
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(15);

    private readonly IKeepsPauses _broker;
    private readonly NodeOrders _node;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ActorTimer _timer;
    private readonly IMaterializer _materializer = Context.Materializer();
    private TimeSpan _wait = LeastWait;
    private bool _hasTold;

    public PauseWatchActor(IKeepsPauses broker, NodeOrders node, TimeProvider time)
    {
        _broker = broker;
        _node = node;
        _timer = new ActorTimer(time, Self, Again.Instance);
        Receive<News>(OnNews);
        Receive<Again>(_ => Watch());
        Receive<Ended>(OnEnded);
    }

    protected override void PreStart() => Watch();

    protected override void PostStop() => _timer.Dispose();

    private void Watch()
    {
        var self = Self;
        _broker.WatchPauses()
            .ToMaterialized(Sink.ForEach<IReadOnlySet<string>>(paused => self.Tell(new News(paused), ActorRefs.NoSender)), Keep.Right)
            .Run(_materializer)
            .PipeTo(self, success: static () => new Ended(null), failure: static error => new Ended((error as AggregateException)?.InnerException ?? error));
    }

    private void OnNews(News news)
    {
        _wait = LeastWait;
        _hasTold = true;
        _node.PauseEverywhere(news.Paused);
    }

    private void OnEnded(Ended ended)
    {
        if (!_hasTold && ended.Error is BrokerException { IsTransient: false } error)
        {
            // It will never say, and a process that waits for ever is no help.
            _log.Warning("{0} does not say which queues are paused for every process, so none is taken as paused: {1}", _broker.Name, error.Message);
            _hasTold = true;
            _node.PauseEverywhere(new HashSet<string>());
        }

        _log.Debug("The news of paused queues ended, and is asked for again in {0}: {1}", _wait, ended.Error?.Message);
        _timer.Start(_wait);
        _wait = _wait * 2 < MostWait ? _wait * 2 : MostWait;
    }

    private sealed record News(IReadOnlySet<string> Paused) : INoSerializationVerificationNeeded;

    private sealed record Ended(Exception? Error) : INoSerializationVerificationNeeded;

    private sealed class Again : INoSerializationVerificationNeeded
    {
        public static readonly Again Instance = new();
    }
}
