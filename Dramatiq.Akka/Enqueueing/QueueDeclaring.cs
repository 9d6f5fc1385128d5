using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Enqueueing;

/// <summary>Makes sure that the broker has a queue before anything is published to it, and holds what comes meanwhile.</summary>
internal sealed class QueueDeclaring(IBroker broker, WaitingMessages waiting, EnqueueAnswers answers, GatewayTicks ticks, Deadlines deadlines, IActorRef owner)
{
    private readonly HashSet<string> _declared = new(StringComparer.Ordinal);
    private readonly Dictionary<string, UndeclaredQueue> _undeclared = new(StringComparer.Ordinal);

    /// <summary>What waits for its queue.</summary>
    public IEnumerable<EnqueueContext> Held => _undeclared.Values.SelectMany(static queue => queue.Held);

    /// <returns>Whether the broker has its queue now; else the message is held until it has.</returns>
    public bool IsDeclared(EnqueueContext context)
    {
        var name = QueueName.Canonical(context.Message.QueueName);
        return _declared.Contains(name) || DeclareFor(name, context);
    }

    /// <summary>The broker has lost the queue.</summary>
    public void Forget(string queue) => _declared.Remove(QueueName.Canonical(queue));

    public void OnDeclared(GatewayProtocol.QueueDeclared declared)
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
        else if (GatewayTicks.IsTransient(error))
        {
            foreach (var context in queue.Held)
                context.LastError = error;
            ticks.BackOff(queue.Held.Count, error);
        }
        else
        {
            _undeclared.Remove(queue.Name);
            foreach (var context in queue.Held)
                answers.FailRefused(context, error);
        }
    }

    public void OnTick(long now)
    {
        if (_undeclared.Count == 0)
            return;

        foreach (var queue in _undeclared.Values.ToArray())
            DeclareAgain(queue, now);
    }

    private bool DeclareFor(string name, EnqueueContext context)
    {
        if (!_undeclared.TryGetValue(name, out var queue))
        {
            queue = new UndeclaredQueue(name);
            if (Declare(queue))
                return true;

            _undeclared.Add(name, queue);
            ticks.Start();
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
            declaring = broker.DeclareQueueAsync(queue.Name, call.Token);
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
        queue.CallDeadline = deadlines.FromNow();
        declaring.PipeTo(owner,
            success: () => new GatewayProtocol.QueueDeclared(queue, call, null),
            failure: error => new GatewayProtocol.QueueDeclared(queue, call, error));
        return false;
    }

    /// <summary>Fails what has waited too long for its queue, gives up a call that hangs, and calls again.</summary>
    private void DeclareAgain(UndeclaredQueue queue, long now)
    {
        foreach (var late in queue.Held.Where(context => context.Deadline <= now))
            answers.FailLate(late);
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

    private void Release(UndeclaredQueue queue)
    {
        _undeclared.Remove(queue.Name);
        waiting.PutBack(queue.Held);
    }
}
