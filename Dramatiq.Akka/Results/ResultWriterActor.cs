using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Timing;

namespace Dramatiq.Akka.Results;

// order --> waiting --Flush--> batch under way --stored--> told ; --store away--> failing --TryAgain--> under way ; waiting or failing for too long --> given up
internal sealed class ResultWriterActor : ReceiveActor
{
    private readonly IResultBackend _backend;
    private readonly ResultWriterSettings _settings;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ActorTimer _timer;
    private readonly Queue<StoreOrder> _waiting = new();
    private readonly List<StoreBatch> _underWay = [];
    private readonly Queue<StoreBatch> _failing = new();
    private bool _willFlush;
    private bool _pauses;
    private int _failures;
    private string _lastError = "";

    public ResultWriterActor(IResultBackend backend, ResultWriterSettings settings, TimeProvider time, Random random)
    {
        _backend = backend;
        _settings = settings;
        _time = time;
        _random = random;
        _timer = new ActorTimer(time, Self, ResultWriter.TryAgain.Instance);

        Receive<StoreOrder>(OnOrder);
        Receive<ResultWriter.Flush>(_ => OnFlush());
        Receive<ResultWriter.BatchEnded>(OnBatchEnded);
        Receive<ResultWriter.TryAgain>(_ => OnTryAgain());
    }

    /// <summary>Nobody else knows of what it has: the messages go back to their queues.</summary>
    protected override void PostStop()
    {
        _timer.Dispose();
        foreach (var order in _underWay.Concat(_failing).SelectMany(static batch => batch.Orders).Concat(_waiting))
            order.GiveUp("the process stopped before its result was stored");
    }

    private void OnOrder(StoreOrder order)
    {
        order.Since = _time.GetTimestamp();
        _waiting.Enqueue(order);
        Gather();
    }

    /// <summary>Flushes after what is in the mailbox already, so that it goes in one call.</summary>
    private void Gather()
    {
        if (_willFlush || _pauses || _waiting.Count == 0 || _underWay.Count >= _settings.MaxBatches)
            return;

        _willFlush = true;
        Self.Tell(ResultWriter.Flush.Instance, ActorRefs.NoSender);
    }

    private void OnFlush()
    {
        _willFlush = false;
        while (!_pauses && _waiting.Count > 0 && _underWay.Count < _settings.MaxBatches)
        {
            var batch = new StoreBatch(Math.Min(_waiting.Count, _settings.BatchSize));
            while (batch.Orders.Count < _settings.BatchSize && _waiting.TryDequeue(out var order))
                batch.Add(order);
            Send(batch);
        }
    }

    private void Send(StoreBatch batch)
    {
        _underWay.Add(batch);
        var storing = batch.StoreAsync(_backend, _settings.Timeout, _time);
        batch.FreeCredit();   // after the store, so that it goes out before the fetch that follows
        if (storing.IsCompletedSuccessfully)
            OnStored(batch);
        else
            storing.PipeTo(Self, success: () => new ResultWriter.BatchEnded(batch, null), failure: error => new ResultWriter.BatchEnded(batch, error));
    }

    private void OnBatchEnded(ResultWriter.BatchEnded ended)
    {
        switch (ended.Error)
        {
            case null:
                OnStored(ended.Batch);
                break;
            case BrokerException { IsTransient: false } refused:
                OnRefused(ended.Batch, refused);
                break;
            case var error:
                OnFailed(ended.Batch, error);
                break;
        }

        Gather();
    }

    private void OnStored(StoreBatch batch)
    {
        _underWay.Remove(batch);
        if (_failures > 0)
        {
            _log.Info("Results are stored again.");
            _failures = 0;
            _pauses = false;
            _timer.Stop();
            SendFailing();
        }

        for (var i = 0; i < batch.Orders.Count; i++)
            batch.Orders[i].Stored();
    }

    /// <summary>One may be what the store does not want, and the others need not pay for it: each goes by itself.</summary>
    private void OnRefused(StoreBatch batch, BrokerException error)
    {
        _underWay.Remove(batch);
        if (batch.Orders is [var alone])
        {
            _log.Error("The result of {0} could not be stored, and its message goes to the dead-letter queue: {1}", alone.Result.Key, error.Message);
            alone.Refuse(error);
            return;
        }

        foreach (var order in batch.Orders)
        {
            var single = new StoreBatch(1);
            single.Add(order);
            Send(single);
        }
    }

    private void OnFailed(StoreBatch batch, Exception error)
    {
        _underWay.Remove(batch);
        _failing.Enqueue(batch);
        _lastError = error.Message;
        GiveUpLate();
        if (_pauses)
            return;

        var wait = _settings.RetryMin * Math.Pow(2, Math.Min(_failures++, 20));
        wait = (wait < _settings.RetryMax ? wait : _settings.RetryMax) * (0.5 + _random.NextDouble() / 2);
        _log.Warning("Results cannot be stored; {0} messages are kept unsettled, and it is tried again in {1}: {2}",
            _failing.Sum(static kept => kept.Orders.Count) + _waiting.Count, DurationText.Of(wait), error.Message);
        _pauses = true;
        _timer.Start(wait);
    }

    private void OnTryAgain()
    {
        _pauses = false;
        GiveUpLate();
        if (_failing.TryDequeue(out var batch))
            Send(batch);   // one, to see whether the store is back
        else
            Gather();
    }

    /// <summary>While the store is away, none waits longer than another: its time runs from when it came, wherever it stands.</summary>
    private void GiveUpLate()
    {
        var late = new List<StoreOrder>();
        while (_waiting.TryPeek(out var first) && IsLate(first))
            late.Add(_waiting.Dequeue());

        for (var left = _failing.Count; left > 0; left--)
        {
            var batch = _failing.Dequeue();
            var kept = new StoreBatch(batch.Orders.Count);
            foreach (var order in batch.Orders)
            {
                if (IsLate(order))
                    late.Add(order);
                else
                    kept.Add(order);
            }

            if (kept.Orders.Count > 0)
                _failing.Enqueue(kept);
        }

        if (late.Count == 0)
            return;

        _log.Error("{0} results could not be stored for {1}, and their messages go back to their queues: {2}", late.Count, DurationText.Of(_settings.Timeout), _lastError);
        foreach (var order in late)
            order.GiveUp($"its result could not be stored: {_lastError}");
    }

    private bool IsLate(StoreOrder order) => _time.GetElapsedTime(order.Since) >= _settings.Timeout;

    private void SendFailing()
    {
        while (_failing.TryDequeue(out var batch))
            Send(batch);
    }
}
