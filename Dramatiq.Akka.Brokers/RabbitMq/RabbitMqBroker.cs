using System.Collections.Concurrent;
using Akka;
using Akka.Event;
using Akka.Streams.Dsl;
using Dramatiq.Akka.Brokers.RabbitMq.Connecting;
using Dramatiq.Akka.Brokers.RabbitMq.Consuming;
using Dramatiq.Akka.Brokers.RabbitMq.Delays;
using Dramatiq.Akka.Brokers.RabbitMq.Inspection;
using Dramatiq.Akka.Brokers.RabbitMq.Publishing;
using Dramatiq.Akka.Brokers.RabbitMq.Streams;
using Dramatiq.Akka.Brokers.RabbitMq.Topology;

namespace Dramatiq.Akka.Brokers.RabbitMq;

/// <summary>
/// RabbitMQ on the queues of Python's Dramatiq, so that both sides can share them. One connection consumes and one publishes; every message is persistent, mandatory and confirmed.
/// </summary>
internal sealed class RabbitMqBroker : IDelaysNatively, IInspectsQueues, IKeepsPauses
{
    private readonly RabbitMqSettings _settings;
    private readonly ILoggingAdapter _log;
    private readonly TimeProvider _time;
    private readonly ConnectionKeeper _consuming;
    private readonly ConnectionKeeper _publishing;
    private readonly QueueDeclarer _declarer;
    private readonly DelayRoutes _delays;
    private readonly Publisher _publisher;
    private readonly PublicationWriter _writer;
    private readonly DeliveryCounts _counts = new();
    private readonly ConcurrentDictionary<RabbitMqConsumer, byte> _consumers = new();
    private readonly LookNotes _notes;
    private readonly LookMailbox _mailbox;
    private readonly RabbitMqInspection _inspection;
    private readonly RabbitMqOrders _orders;
    private readonly PauseBoard _pauses;

    public RabbitMqBroker(RabbitMqSettings settings, ILoggingAdapter log, TimeProvider? time = null)
    {
        _settings = settings;
        _log = log;
        _time = time ?? TimeProvider.System;
        _consuming = new ConnectionKeeper(settings, "consuming");
        _publishing = new ConnectionKeeper(settings, "publishing");
        _declarer = new QueueDeclarer(_publishing, settings);
        _delays = new DelayRoutes(_declarer, settings);
        _publisher = new Publisher(_publishing, settings, OnNewChannel);
        _writer = new PublicationWriter(settings, _time);
        _notes = new LookNotes(_publishing, settings, log);
        _mailbox = new LookMailbox(_consuming, _counts, log);
        var looks = new Looks(_consuming, _declarer, settings, _notes);
        _inspection = new RabbitMqInspection(looks, _consumers, settings, _time);
        _orders = new RabbitMqOrders(looks, _inspection, PublishAsync, settings);
        _pauses = new PauseBoard(_consuming, _publisher, settings, _time);
    }

    public string Name => "rabbitmq";

    public Task DeclareQueueAsync(string queue, CancellationToken cancellationToken) => _declarer.DeclareAsync(queue, cancellationToken);

    public async ValueTask<PublishOutcome> PublishAsync(IReadOnlyList<Publication> batch, CancellationToken cancellationToken)
    {
        var publications = await WriteAsync(batch, cancellationToken).ConfigureAwait(false);
        var failures = await _publisher.PublishAsync(publications, cancellationToken).ConfigureAwait(false);
        if (failures is null)
            return PublishOutcome.Confirmed;

        await RepeatUnroutableAsync(batch, failures, cancellationToken).ConfigureAwait(false);
        var allConfirmed = true;
        for (var i = 0; i < failures.Length; i++)
        {
            failures[i] = Explained(failures[i], batch[i]);
            allConfirmed &= failures[i] is null;
        }

        return allConfirmed ? PublishOutcome.Confirmed : PublishOutcome.Failed(failures);
    }

    public Source<IReadOnlyList<Delivery>, IBrokerConsumer> Consume(string queue, int prefetch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(prefetch, 1);
        var settings = new AmqpSourceSettings(queue, prefetch) { AckDelay = _settings.AckDelay };
        var stage = new AmqpSourceStage<Delivery, RabbitMqConsumer>(token => ConnectAsync(queue, token), settings, subscription => Begin(queue, subscription));
        return Source.FromGraph(stage)
            .SelectError(error => Explained(error, queue))
            .MapMaterializedValue(static consumer => (IBrokerConsumer)consumer);
    }

    public ValueTask<IReadOnlyList<string>> GetQueuesAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<string>>([.. _declarer.Known.Order(StringComparer.Ordinal)]);

    public ValueTask<QueueStats> GetStatsAsync(string queue, CancellationToken cancellationToken) => _inspection.GetStatsAsync(queue, cancellationToken);

    public ValueTask<PeekedPage> PeekAsync(string queue, PeekRequest request, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.Offset);
        ArgumentOutOfRangeException.ThrowIfNegative(request.Count);
        return _inspection.PeekAsync(queue, request, cancellationToken);
    }

    public ValueTask<PeekedPage> FindAsync(string queue, string id, CancellationToken cancellationToken) => _inspection.FindAsync(queue, id, cancellationToken);

    public ValueTask<MessagesMoved> MoveAsync(string queue, MoveRequest request, CancellationToken cancellationToken) => _orders.MoveAsync(queue, request, cancellationToken);

    public ValueTask<long> PurgeAsync(string queue, CancellationToken cancellationToken) => _orders.PurgeAsync(queue, cancellationToken);

    public async ValueTask<IReadOnlySet<string>> GetPausedAsync(CancellationToken cancellationToken) => await _pauses.ReadAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlySet<string>> SetPausedAsync(string queue, bool isPaused, CancellationToken cancellationToken) =>
        await _pauses.SetAsync(QueueName.Canonical(queue), isPaused, cancellationToken).ConfigureAwait(false);

    public Source<IReadOnlySet<string>, NotUsed> WatchPauses() => PauseWatch.Source(_consuming, _pauses);

    public async ValueTask DisposeAsync()
    {
        foreach (var consumer in _consumers.Keys)
            await consumer.CloseAsync().ConfigureAwait(false);
        await _notes.DisposeAsync().ConfigureAwait(false);
        await _mailbox.DisposeAsync().ConfigureAwait(false);
        await _publisher.DisposeAsync().ConfigureAwait(false);
        await _consuming.DisposeAsync().ConfigureAwait(false);
        await _publishing.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The mailbox is there before the first delivery: what is looked at from then on is known to have been.</summary>
    private async Task<RabbitMQ.Client.IConnection> ConnectAsync(string queue, CancellationToken cancellationToken)
    {
        var connection = await _consuming.GetAsync(cancellationToken).ConfigureAwait(false);
        if (_settings.CountRedeliveries && !QueueName.IsDelay(queue))
            await _mailbox.OpenAsync().ConfigureAwait(false);
        return connection;
    }

    private RabbitMqConsumer Begin(string queue, AmqpSubscription subscription)
    {
        var deadLetters = new DeadLetters(queue, subscription, _publisher, _declarer, _settings, _log, _time);
        var putBack = new PutBack(queue, subscription, _publisher, _counts, _mailbox, _settings, _log, _time);
        var consumer = new RabbitMqConsumer(queue, _settings.CountRedeliveries, subscription, deadLetters, _counts, putBack);
        _consumers.TryAdd(consumer, 0);
        _ = subscription.Completion.ContinueWith(_ => _consumers.TryRemove(consumer, out byte _), TaskScheduler.Default);
        _ = new ConsumerWatch(consumer, _declarer, _settings, _log, _time).RunAsync();
        return consumer;
    }

    private async ValueTask<AmqpPublication[]> WriteAsync(IReadOnlyList<Publication> batch, CancellationToken cancellationToken)
    {
        var publications = new AmqpPublication[batch.Count];
        for (var i = 0; i < publications.Length; i++)
        {
            var publication = batch[i];
            if (publication.Eta is not null && !_delays.IsReadyFor(publication.Message.QueueName))
                await _delays.PrepareAsync(publication.Message.QueueName, cancellationToken).ConfigureAwait(false);
            publications[i] = _writer.Write(publication);
        }

        return publications;
    }

    /// <summary>A queue that this process has declared and that is gone was deleted by somebody: it is declared anew, and what came back is published once more.</summary>
    private async Task RepeatUnroutableAsync(IReadOnlyList<Publication> batch, Exception?[] failures, CancellationToken cancellationToken)
    {
        var again = new List<int>();
        for (var i = 0; i < failures.Length; i++)
        {
            if (failures[i] is AmqpRefusedException { IsUnroutable: true } && _declarer.Knows(batch[i].Message.QueueName))
                again.Add(i);
        }

        if (again.Count == 0)
            return;

        foreach (var queue in again.Select(place => batch[place].Message.QueueName).Distinct(StringComparer.Ordinal))
        {
            _log.Warning("Queue {0} was deleted; it is declared anew.", queue);
            _declarer.Lost(queue);
            _delays.AllMayBeLost();
            await _declarer.DeclareAsync(queue, cancellationToken).ConfigureAwait(false);
        }

        var repeated = await WriteAsync([.. again.Select(place => batch[place])], cancellationToken).ConfigureAwait(false);
        var repeatedFailures = await _publisher.PublishAsync(repeated, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < again.Count; i++)
            failures[again[i]] = repeatedFailures?[i];
    }

    private Exception? Explained(Exception? failure, Publication publication) => failure switch
    {
        AmqpRefusedException { IsUnroutable: true } => new QueueNotFoundException(publication.Message.QueueName, _declarer.Known),
        AmqpRefusedException refused => new MessageRefusedException(refused.Message, refused),
        _ => failure,
    };

    private Exception Explained(Exception error, string queue)
    {
        if (error is not AmqpEndedException { End: var end })
            return error is BrokerException ? error : new BrokerConnectionException($"queue {queue} cannot be consumed: {error.Message}", error);

        var isGone = end is { Kind: AmqpEndKind.ChannelClosed, Code: global::RabbitMQ.Client.Constants.NotFound };
        if (isGone && !_declarer.Knows(queue))
            return new QueueNotFoundException(queue, _declarer.Known);

        if (isGone || end.Kind is AmqpEndKind.ConsumerCancelled)
        {
            _declarer.Lost(queue);
            _delays.Lost(QueueName.Canonical(queue));
        }

        return new BrokerConnectionException($"{end}.", error);
    }

    private void OnNewChannel()
    {
        _declarer.AllMayBeLost();
        _delays.AllMayBeLost();
    }
}
