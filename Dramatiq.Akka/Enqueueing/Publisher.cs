using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Enqueueing;

/// <summary>
/// Brings messages to the broker in order: queue declared? --&gt; waiting --&gt; batch at the broker --&gt; answer. The first goes at once; while calls are under way the next ones gather, so batches grow with the load.
/// Part of the gateway, which alone calls it.
/// </summary>
internal sealed class Publisher
{
    private readonly IBroker _broker;
    private readonly GatewaySettings _settings;
    private readonly EnqueueAnswers _answers;
    private readonly GatewayTicks _ticks;
    private readonly Deadlines _deadlines;
    private readonly IActorRef _owner;
    private readonly WaitingMessages _waiting = new();
    private readonly QueueDeclaring _declaring;
    private readonly HashSet<PublishBatch> _underWay = [];
    private PublishBatch? _spare;

    public Publisher(IBroker broker, GatewaySettings settings, EnqueueAnswers answers, GatewayTicks ticks, Deadlines deadlines, IActorRef owner)
    {
        _broker = broker;
        _settings = settings;
        _answers = answers;
        _ticks = ticks;
        _deadlines = deadlines;
        _owner = owner;
        _declaring = new QueueDeclaring(broker, _waiting, answers, ticks, deadlines, owner);
    }

    /// <summary>Everything not answered for.</summary>
    public IEnumerable<EnqueueContext> InHand => _waiting.All.Concat(_declaring.Held).Concat(_underWay.SelectMany(static batch => batch.Contexts));

    public void Add(EnqueueContext context)
    {
        if (!_declaring.IsDeclared(context))
            return;

        _waiting.Add(context);
        Pump();
    }

    public void OnQueueDeclared(GatewayProtocol.QueueDeclared declared)
    {
        _declaring.OnDeclared(declared);
        Pump();
    }

    public void OnBatchEnded(GatewayProtocol.BatchEnded ended)
    {
        if (!_underWay.Remove(ended.Batch))
            return;

        if (ended.Error is null)
            Conclude(ended.Batch, ended.Outcome);
        else
            Repeat(ended.Batch, ended.Error);

        ended.Batch.Cancellation.Dispose();
        Pump();
    }

    public void OnTick(long now)
    {
        while (_waiting.TryPeek(out var first) && first.Deadline <= now)
        {
            _waiting.TryTake(out _);
            _answers.FailLate(first);
        }

        foreach (var batch in _underWay.ToArray())
            GiveUpIfLate(batch, now);

        _declaring.OnTick(now);
        Pump();
    }

    private void Pump()
    {
        while (_waiting.Count > 0 && !_ticks.IsBackingOff && _underWay.Count < _settings.MaxBatches)
        {
            var batch = _spare ?? new PublishBatch(Math.Min(_waiting.Count, _settings.BatchSize));
            _spare = null;
            while (batch.Contexts.Count < _settings.BatchSize && _waiting.TryTake(out var context))
                batch.Add(context);

            Publish(batch);
        }
    }

    private void Publish(PublishBatch batch)
    {
        ValueTask<PublishOutcome> publishing;
        try
        {
            publishing = _broker.PublishAsync(batch.Publications, batch.Cancellation.Token);
        }
        catch (Exception error)
        {
            publishing = ValueTask.FromException<PublishOutcome>(error);
        }

        if (publishing.IsCompletedSuccessfully)
        {
            Conclude(batch, publishing.GetAwaiter().GetResult());
            batch.Contexts.Clear();
            batch.Publications.Clear();
            _spare = batch;
            return;
        }

        _underWay.Add(batch);
        _ticks.Start();
        publishing.AsTask().PipeTo(_owner,
            success: outcome => new GatewayProtocol.BatchEnded(batch, outcome, null),
            failure: error => new GatewayProtocol.BatchEnded(batch, default, error));
    }

    private void Conclude(PublishBatch batch, PublishOutcome outcome)
    {
        Exception? transient = null;
        for (var i = 0; i < batch.Contexts.Count; i++)
            if (outcome[i] is null)
                _answers.Confirm(batch.Contexts[i]);

        if (outcome.AllConfirmed)
        {
            _ticks.OnSuccess();
            return;
        }

        for (var i = batch.Contexts.Count - 1; i >= 0; i--)
        {
            if (outcome[i] is not { } error)
                continue;

            TryAgainOrFail(batch.Contexts[i], error);
            if (GatewayTicks.IsTransient(error))
                transient = error;
        }

        if (transient is not null)
            _ticks.BackOff(batch.Contexts.Count, transient);
    }

    private void Repeat(PublishBatch batch, Exception error)
    {
        for (var i = batch.Contexts.Count - 1; i >= 0; i--)
            TryAgainOrFail(batch.Contexts[i], error);

        if (GatewayTicks.IsTransient(error))
            _ticks.BackOff(batch.Contexts.Count, error);
    }

    private void TryAgainOrFail(EnqueueContext context, Exception error)
    {
        if (context.IsAnswered)
            return;

        context.LastError = error;
        if (error is QueueNotFoundException)
            _declaring.Forget(context.Message.QueueName);

        if (!GatewayTicks.IsTransient(error))
            _answers.FailRefused(context, error);
        else if (_deadlines.Now >= context.Deadline)
            _answers.FailLate(context);
        else
            _waiting.PutBack(context);
    }

    /// <summary>Nobody knows whether the broker has them: whoever asked is told so, and a call for which nobody waits any more is given up.</summary>
    private void GiveUpIfLate(PublishBatch batch, long now)
    {
        foreach (var late in batch.Contexts.Where(context => context.Deadline <= now))
            _answers.FailLate(late);
        if (!batch.Contexts.TrueForAll(static context => context.IsAnswered))
            return;

        _underWay.Remove(batch);
        batch.Cancellation.Cancel();
    }
}
