using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Timing;

namespace Dramatiq.Akka.Enqueueing;

// order --> message --> enqueue stages --> queue declared? --> waiting --> batch at the broker --> answer
// The first message goes to the broker at once; while calls are under way the next ones gather, so batches grow with the load.
internal sealed class QueueGatewayActor : ReceiveActor
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    private readonly IBroker _broker;
    private readonly GatewaySettings _settings;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly MessageFactory _factory;
    private readonly Declarations _declarations;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ActorTimer _timer;

    private readonly List<Middleware> _staged = [];
    private readonly List<IActorRef> _stages = [];
    private readonly HashSet<EnqueueContext> _inStages = [];
    private readonly HashSet<string> _declared = new(StringComparer.Ordinal);
    private readonly Dictionary<string, UndeclaredQueue> _undeclared = new(StringComparer.Ordinal);
    private readonly LinkedList<EnqueueContext> _waiting = new();
    private readonly HashSet<PublishBatch> _underWay = [];
    private readonly List<IActorRef> _drainers = [];
    private long _numbers;
    private int _open;
    private int _pending;
    private long _pendingBytes;
    private int _failures;
    private bool _backingOff;
    private bool _ticking;
    private PublishBatch? _spare;

    public QueueGatewayActor(IBroker broker, GatewaySettings settings, Declarations declarations, WireJson json, TimeProvider time, Random random)
    {
        _broker = broker;
        _settings = settings;
        _time = time;
        _random = random;
        _declarations = declarations;
        _factory = new MessageFactory(declarations, json, time);
        _timer = new ActorTimer(time, Self, GatewayProtocol.Tick.Instance);

        Receive<GatewayProtocol.Publish>(publish => Take(publish.Message, publish.Eta, new StageReply(Sender, publish.Correlation)));
        Receive<GatewayProtocol.Awaited>(awaited => OnOrder(awaited.Order, new TaskReply(awaited.Completion)));
        Receive<Enqueue>(order => OnOrder(order, new ActorReply(Sender, confirms: true)));
        Receive<EnqueueMany>(OnMany);
        Receive<GatewayProtocol.Staged>(staged => OnStaged(staged.Context));
        Receive<GatewayProtocol.Rejected>(OnRejected);
        Receive<GatewayProtocol.BatchEnded>(OnBatchEnded);
        Receive<GatewayProtocol.QueueDeclared>(OnQueueDeclared);
        Receive<GatewayProtocol.Tick>(_ => OnTick());
        Receive<GatewayProtocol.Drain>(OnDrain);
        Receive<Terminated>(OnStageTerminated);
        ReceiveAny(task => OnOrder(new Enqueue(task), new ActorReply(Sender, confirms: false)));
    }

    protected override void PreStart()
    {
        _staged.AddRange(_declarations.Pipeline.All.Where(static middleware => middleware.EnqueueStage is not null));
        _stages.AddRange(Enumerable.Repeat<IActorRef>(ActorRefs.Nobody, _staged.Count));
    }

    /// <summary>An enqueue stage that fails has answered for its message already: it is built anew. One that cannot be built is left alone until the next message.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(-1, Timeout.InfiniteTimeSpan,
        static error => error is ActorInitializationException or ActorKilledException ? Directive.Stop : Directive.Restart);

    protected override void PostStop()
    {
        _timer.Dispose();
        var error = new EnqueueFailedException("The process shut down before the broker had confirmed the message.");
        foreach (var context in _waiting.Concat(_inStages).Concat(_undeclared.Values.SelectMany(static queue => queue.Held)).Concat(_underWay.SelectMany(static batch => batch.Contexts)).ToArray())
            Fail(context, error.Message, context.LastError);
    }

    private void OnMany(EnqueueMany many)
    {
        if (many.Tasks.Count == 0)
        {
            Sender.Tell(new EnqueuedMany([]));
            return;
        }

        var answer = new ManyReply.Answer(Sender, many.Tasks.Count);
        for (var i = 0; i < many.Tasks.Count; i++)
            OnOrder(many.Tasks[i] as Enqueue ?? new Enqueue(many.Tasks[i]), new ManyReply(answer, i));
    }

    private void OnOrder(Enqueue order, IReply reply)
    {
        try
        {
            var (message, eta) = _factory.Create(order);
            Take(message, eta, reply);
        }
        catch (Exception cause)
        {
            var error = cause as EnqueueFailedException ?? new EnqueueFailedException($"The order cannot be made a message: {cause.Message}", cause);
            if (!reply.Failed(error))
                _log.Error("Not enqueued: {0}", error.Message);
        }
    }

    private void Take(Message message, long? eta, IReply reply)
    {
        var context = new EnqueueContext(message, eta, DeadlineFromNow(), reply) { Number = ++_numbers };
        _open++;
        if (!reply.IsBounded)
        {
            Advance(context);
            return;
        }

        _pending++;
        _pendingBytes += context.Size;
        if (_pending > _settings.MaxPending || _pendingBytes > _settings.MaxPendingBytes)
            Fail(context, $"{_pending - 1} messages ({(_pendingBytes - context.Size) / 1024} KiB) wait for the broker already, and the limit is {_settings.MaxPending} ({_settings.MaxPendingBytes / 1024} KiB): see dramatiq.gateway.max-pending. Await confirmations to send no faster than the broker takes", null);
        else
            Advance(context);
    }

    private void Advance(EnqueueContext context)
    {
        if (context.Passed < _stages.Count)
        {
            _inStages.Add(context);
            StartTicking();
            if (_stages[context.Passed].IsNobody())
                _stages[context.Passed] = Context.Watch(Context.ActorOf(_staged[context.Passed].EnqueueStage!));
            _stages[context.Passed].Tell(new GatewayProtocol.BeforeEnqueue(context));
            return;
        }

        var queue = QueueName.Canonical(context.Message.QueueName);
        if (!_declared.Contains(queue) && !IsDeclared(queue, context))
            return;

        _waiting.AddLast(context);
        Pump();
    }

    private void OnStaged(EnqueueContext context)
    {
        if (!_inStages.Remove(context))
            return;

        context.Passed++;
        Advance(context);
    }

    private void OnRejected(GatewayProtocol.Rejected rejected)
    {
        if (_inStages.Remove(rejected.Context))
            Fail(rejected.Context, rejected.Reason, rejected.Cause);
    }

    private void OnStageTerminated(Terminated terminated)
    {
        var place = _stages.IndexOf(terminated.ActorRef);
        if (place < 0)
            return;

        var middleware = _staged[place];
        _log.Error("Enqueue stage {0} was stopped; a new one takes its place when it is needed.", middleware.Name);
        _stages[place] = ActorRefs.Nobody;
        foreach (var context in _inStages.Where(context => context.Passed == place).ToArray())
        {
            _inStages.Remove(context);
            Fail(context, $"enqueue stage {middleware.Name} was stopped with the message in hand", null);
        }
    }

    /// <summary>Makes sure that the broker has the queue.</summary>
    /// <returns>Whether it has it now; else the message is held until it has.</returns>
    private bool IsDeclared(string name, EnqueueContext context)
    {
        if (!_undeclared.TryGetValue(name, out var queue))
        {
            queue = new UndeclaredQueue(name);
            if (Declare(queue))
                return true;

            _undeclared.Add(name, queue);
            StartTicking();
        }

        queue.Held.Add(context);
        return false;
    }

    /// <returns>Whether the broker said so at once.</returns>
    private bool Declare(UndeclaredQueue queue)
    {
        var call = new CancellationTokenSource();
        Task declaring;
        try
        {
            declaring = _broker.DeclareQueueAsync(queue.Name, call.Token);
        }
        catch (Exception error)
        {
            declaring = Task.FromException(error);
        }

        if (declaring.IsCompletedSuccessfully)
        {
            _declared.Add(queue.Name);
            call.Dispose();
            return true;
        }

        queue.Call = call;
        queue.CallDeadline = DeadlineFromNow();
        declaring.PipeTo(Self,
            success: () => new GatewayProtocol.QueueDeclared(queue, call, null),
            failure: error => new GatewayProtocol.QueueDeclared(queue, call, error));
        return false;
    }

    private void OnQueueDeclared(GatewayProtocol.QueueDeclared declared)
    {
        declared.Call.Dispose();
        var queue = declared.Queue;
        if (queue.Call != declared.Call)
            return;   // given up; another call is under way, or nobody waits

        queue.Call = null;
        if (declared.Error is not { } error)
        {
            _declared.Add(queue.Name);
            Release(queue);
        }
        else if (IsTransient(error))
        {
            foreach (var context in queue.Held)
                context.LastError = error;
            BackOff(queue.Held.Count, error);
        }
        else
        {
            _undeclared.Remove(queue.Name);
            foreach (var context in queue.Held)
                Fail(context, Refused(error), error);
        }

        Pump();
    }

    private void Release(UndeclaredQueue queue)
    {
        _undeclared.Remove(queue.Name);
        foreach (var context in queue.Held)
            PutBack(context);
    }

    /// <summary>Fails what has waited too long for its queue, gives up a call that hangs, and calls again.</summary>
    private void DeclareAgain(UndeclaredQueue queue, long now)
    {
        foreach (var late in queue.Held.Where(context => context.Deadline <= now))
            Fail(late, TooLate(late), late.LastError);
        queue.Held.RemoveAll(static context => context.IsAnswered);

        if (queue.Call is { } call && queue.CallDeadline <= now)
        {
            queue.Call = null;
            call.Cancel();
        }

        if (queue.Call is not null)
            return;

        if (queue.Held.Count == 0)
            _undeclared.Remove(queue.Name);
        else if (Declare(queue))
            Release(queue);
    }

    private void Pump()
    {
        while (_waiting.Count > 0 && !_backingOff && _underWay.Count < _settings.MaxBatches)
        {
            var batch = _spare ?? new PublishBatch(Math.Min(_waiting.Count, _settings.BatchSize));
            _spare = null;
            while (_waiting.First is { } first && batch.Contexts.Count < _settings.BatchSize)
            {
                _waiting.RemoveFirst();
                batch.Add(first.Value);
            }

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
        StartTicking();
        publishing.AsTask().PipeTo(Self,
            success: outcome => new GatewayProtocol.BatchEnded(batch, outcome, null),
            failure: error => new GatewayProtocol.BatchEnded(batch, default, error));
    }

    private void OnBatchEnded(GatewayProtocol.BatchEnded ended)
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

    private void Conclude(PublishBatch batch, PublishOutcome outcome)
    {
        Exception? transient = null;
        for (var i = 0; i < batch.Contexts.Count; i++)
            if (outcome[i] is null)
                Confirm(batch.Contexts[i]);

        if (outcome.AllConfirmed)
        {
            _failures = 0;
            return;
        }

        for (var i = batch.Contexts.Count - 1; i >= 0; i--)
        {
            if (outcome[i] is not { } error)
                continue;

            TryAgainOrFail(batch.Contexts[i], error);
            if (IsTransient(error))
                transient = error;
        }

        if (transient is not null)
            BackOff(batch.Contexts.Count, transient);
    }

    private void Repeat(PublishBatch batch, Exception error)
    {
        for (var i = batch.Contexts.Count - 1; i >= 0; i--)
            TryAgainOrFail(batch.Contexts[i], error);

        if (IsTransient(error))
            BackOff(batch.Contexts.Count, error);
    }

    private void BackOff(int messages, Exception error)
    {
        if (_backingOff)
            return;   // several calls fail together when a connection does

        _backingOff = true;
        var wait = TimeSpan.FromMilliseconds(Math.Min(_settings.RetryMin.TotalMilliseconds * Math.Pow(2, Math.Min(_failures++, 20)), _settings.RetryMax.TotalMilliseconds) * (0.5 + _random.NextDouble() / 2));
        _log.Warning("Publishing of {0} messages failed and is tried again in {1}: {2}", messages, DurationText.Of(wait), error.Message);
        _ticking = true;
        _timer.Start(wait);
    }

    private void TryAgainOrFail(EnqueueContext context, Exception error)
    {
        if (context.IsAnswered)
            return;

        context.LastError = error;
        if (error is QueueNotFoundException)
            _declared.Remove(QueueName.Canonical(context.Message.QueueName));

        if (!IsTransient(error))
            Fail(context, Refused(error), error);
        else if (_time.GetTimestamp() >= context.Deadline)
            Fail(context, TooLate(context), error);
        else
            PutBack(context);
    }

    /// <summary>Back to where it stood: what is tried again comes before what came after it.</summary>
    private void PutBack(EnqueueContext context)
    {
        var next = _waiting.First;
        while (next is not null && next.Value.Number < context.Number)
            next = next.Next;

        if (next is null)
            _waiting.AddLast(context);
        else
            _waiting.AddBefore(next, context);
    }

    private static string Refused(Exception error) => $"the broker refused it: {error.Message}";

    private long DeadlineFromNow() => _time.GetTimestamp() + (long)(_settings.Timeout.TotalSeconds * _time.TimestampFrequency);

    private static bool IsTransient(Exception error) => error is BrokerException { IsTransient: true } or TimeoutException or OperationCanceledException or System.IO.IOException;

    private string TooLate(EnqueueContext context) =>
        $"the broker did not confirm it within {DurationText.Of(_settings.Timeout)} (dramatiq.gateway.timeout)" + (context.LastError is { } error ? $"; the last error was: {error.Message}" : "");

    private void Confirm(EnqueueContext context)
    {
        if (!Forget(context))
            return;

        context.Reply.Confirmed(context);
        for (var i = _stages.Count - 1; i >= 0; i--)
            _stages[i].Tell(new GatewayProtocol.AfterEnqueue(context));
    }

    private void Fail(EnqueueContext context, string reason, Exception? cause)
    {
        if (!Forget(context))
            return;

        var error = new EnqueueFailedException($"{context.Message.ActorName} {context.Message.MessageId} was not enqueued on {context.Message.QueueName}: {reason}.", cause) { MessageId = context.Message.MessageId };
        if (!context.Reply.Failed(error))
            _log.Error("{0}", error.Message);
    }

    private bool Forget(EnqueueContext context)
    {
        if (context.IsAnswered)
            return false;

        context.IsAnswered = true;
        if (context.Reply.IsBounded)
        {
            _pending--;
            _pendingBytes -= context.Size;
        }

        if (--_open == 0)
            AnswerDrain();
        return true;
    }

    private void StartTicking()
    {
        if (_ticking)
            return;

        _ticking = true;
        _timer.Start(TickInterval);
    }

    private void OnTick()
    {
        _ticking = false;
        _backingOff = false;
        var now = _time.GetTimestamp();
        while (_waiting.First is { } first && first.Value.Deadline <= now)
        {
            _waiting.RemoveFirst();
            Fail(first.Value, TooLate(first.Value), first.Value.LastError);
        }

        foreach (var late in _inStages.Where(context => context.Deadline <= now).ToArray())
        {
            _inStages.Remove(late);
            Fail(late, TooLate(late), null);
        }

        foreach (var batch in _underWay.ToArray())
        {
            // Nobody knows whether the broker has them: whoever asked is told so, and a call for which nobody waits any more is given up.
            foreach (var late in batch.Contexts.Where(context => context.Deadline <= now))
                Fail(late, TooLate(late), late.LastError);
            if (!batch.Contexts.TrueForAll(static context => context.IsAnswered))
                continue;

            _underWay.Remove(batch);
            batch.Cancellation.Cancel();
        }

        foreach (var queue in _undeclared.Values.ToArray())
            DeclareAgain(queue, now);

        Pump();
        if (_open > 0)
            StartTicking();
    }

    private void OnDrain(GatewayProtocol.Drain drain)
    {
        _drainers.Add(Sender);
        AnswerDrain();
    }

    private void AnswerDrain()
    {
        if (_open > 0 || _drainers.Count == 0)
            return;

        foreach (var drainer in _drainers)
            drainer.Tell(GatewayProtocol.Drained.Instance);
        _drainers.Clear();
    }
}
