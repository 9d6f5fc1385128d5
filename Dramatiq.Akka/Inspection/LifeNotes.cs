using Akka.Event;
using Dramatiq.Akka.Brokers;

namespace Dramatiq.Akka.Inspection;

/// <summary>
/// Notes what one order does to messages, each once it is done. They are written while the order goes on, so that a requeueing is noted before the message runs again and is told of; a store that
/// cannot, or is slow, costs history alone.
/// </summary>
/// <param name="store">Where.</param>
/// <param name="state">What is done.</param>
/// <param name="node">Who does it.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Hears what is lost.</param>
internal sealed class LifeNotes(ILifeStore store, LifeState state, string node, TimeProvider time, ILoggingAdapter log)
{
    /// <summary>How long an order waits for its last notes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private List<LifeStep> _waiting = [];
    private Task _writing = Task.CompletedTask;
    private bool _isWriting;

    public void Add(PeekedMessage moved)
    {
        if (MessageIds.TryDecode(moved.Body) is not { } message)
            return;

        var attempt = state is LifeState.Requeued ? 1 : LifeRecording.AttemptOf(message);
        var step = LifeRecording.Step(message, state, time.GetUtcNow(), node, note: "by an operator", attempt: attempt);
        lock (_gate)
        {
            _waiting.Add(step);
            if (_isWriting)
                return;

            _isWriting = true;
            _writing = Task.Run(WriteAsync);
        }
    }

    /// <summary>Completes when all are written, or it has waited long enough.</summary>
    public async Task WrittenAsync()
    {
        Task writing;
        lock (_gate)
            writing = _writing;
        try
        {
            await writing.WaitAsync(Patience, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            log.Warning("The lives of messages that an order has met are still being written after {0:0} s; the order is done.", Patience.TotalSeconds);
        }
    }

    private async Task WriteAsync()
    {
        while (true)
        {
            List<LifeStep> steps;
            lock (_gate)
            {
                _isWriting = _waiting.Count > 0;
                if (!_isWriting)
                    return;
                (steps, _waiting) = (_waiting, []);
            }

            try
            {
                await store.WriteAsync(steps, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception error)   // a store may be anybody's
            {
                log.Warning("The lives of {0} messages lack a step, since it could not be written: {1}", steps.Count, error.Message);
            }
        }
    }
}
