using System.Collections.Immutable;
using Akka;
using Akka.Streams.Dsl;
using Akka.Util;

namespace Dramatiq.Akka.Brokers.InMemory;

/// <summary>The queues that are paused for every system on one broker.</summary>
internal sealed class InMemoryPauses
{
    private readonly Lock _gate = new();
    private State _state = new(ImmutableHashSet<string>.Empty.WithComparer(StringComparer.Ordinal));

    public IReadOnlySet<string> Current
    {
        get
        {
            lock (_gate) return _state.Paused;
        }
    }

    public IReadOnlySet<string> Set(string queue, bool isPaused)
    {
        State before;
        State after;
        lock (_gate)
        {
            before = _state;
            var paused = isPaused ? before.Paused.Add(queue) : before.Paused.Remove(queue);
            if (ReferenceEquals(paused, before.Paused)) return paused;
            after = _state = new State(paused);
        }

        before.Changed.SetResult();
        return after.Paused;
    }

    public Source<IReadOnlySet<string>, NotUsed> Watch() => Source.UnfoldAsync<State?, IReadOnlySet<string>>(null, async seen =>
    {
        if (seen is not null) await seen.Changed.Task.ConfigureAwait(false);
        State now;
        lock (_gate) now = _state;
        return Option<(State?, IReadOnlySet<string>)>.Create((now, now.Paused));
    });

    private sealed class State(ImmutableHashSet<string> paused)
    {
        public ImmutableHashSet<string> Paused { get; } = paused;

        /// <summary>Completes when another state takes this one's place.</summary>
        public TaskCompletionSource Changed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
