using Dramatiq.Akka.Brokers;

namespace Dramatiq.Akka.Workers;

/// <summary>
/// The workers of one queue, and what waits for them. A worker has one message in hand; what no worker is free for waits here,
/// in order of priority. A worker that is lost gives its message back to the queue and is replaced, so the pool keeps its size.
/// </summary>
internal static class WorkerPool
{
    public interface ICommand : INoSerializationVerificationNeeded;

    /// <summary>Run these, in order of priority.</summary>
    public sealed record Run(IReadOnlyList<Work> Works) : ICommand;

    /// <summary>Have this many workers. Those too many finish what they have in hand. Answered with <see cref="Resized"/>.</summary>
    public sealed record Resize(int Workers) : ICommand;

    /// <summary>As many workers as ordered take messages from now on.</summary>
    public sealed record Resized : INoSerializationVerificationNeeded
    {
        public static Resized Instance { get; } = new();
    }

    /// <summary>Give back what no worker has started; answered with <see cref="HandedBack"/>.</summary>
    public sealed record HandBack : ICommand
    {
        public static HandBack Instance { get; } = new();
    }

    /// <summary>What no worker had started.</summary>
    public sealed record HandedBack(IReadOnlyList<Work> Works) : INoSerializationVerificationNeeded;

    /// <summary>The broker took these deliveries back: forget those that no worker has started.</summary>
    public sealed record Forget(IBrokerConsumer Consumer) : ICommand;

    /// <summary>Tell when no worker has a message in hand; answered with <see cref="AtRest"/>. A handler that was abandoned is not waited for.</summary>
    public sealed record AwaitRest : ICommand
    {
        public static AwaitRest Instance { get; } = new();
    }

    /// <summary>No worker has a message in hand, and none waits.</summary>
    public sealed record AtRest : INoSerializationVerificationNeeded
    {
        public static AtRest Instance { get; } = new();
    }

    /// <summary>Answered with <see cref="Snapshot"/>.</summary>
    public sealed record GetSnapshot : ICommand
    {
        public static GetSnapshot Instance { get; } = new();
    }

    /// <summary>The pool at one moment.</summary>
    /// <param name="Workers">How many there are to take messages, idle or busy.</param>
    /// <param name="Busy">How many have one in hand.</param>
    /// <param name="Waiting">How many messages no worker has started.</param>
    /// <param name="Abandoned">How many workers are out of the pool with a handler that does not come back.</param>
    public sealed record Snapshot(int Workers, int Busy, int Waiting, int Abandoned);

    /// <summary>Answered with <see cref="Report"/>.</summary>
    /// <param name="Most">How many messages to tell of at the most, of those that run and of those that wait.</param>
    public sealed record GetReport(int Most) : ICommand;

    /// <summary>The pool at one moment, with what it has in hand.</summary>
    /// <param name="Snapshot">How many there are.</param>
    /// <param name="Running">What workers have in hand, the abandoned ones included; the longest first.</param>
    /// <param name="Waiting">What no worker has started, in no order.</param>
    public sealed record Report(Snapshot Snapshot, IReadOnlyList<Running> Running, IReadOnlyList<Work> Waiting) : INoSerializationVerificationNeeded;

    /// <summary>A worker with a message in hand.</summary>
    /// <param name="Worker">Its name.</param>
    /// <param name="Work">The message.</param>
    /// <param name="Since">When it was given the message, as a timestamp of the time provider.</param>
    /// <param name="IsAbandoned">Whether its handler was given up.</param>
    /// <param name="IsRetiring">Whether it stops when it is done.</param>
    public sealed record Running(string Worker, Work Work, long Since, bool IsAbandoned, bool IsRetiring);

    /// <summary>A worker has settled its message and is free.</summary>
    internal sealed record Idle(WorkerSlot Slot) : ICommand;

    /// <summary>A worker has settled its message, whose handler does not come back.</summary>
    internal sealed record Stuck(WorkerSlot Slot) : ICommand;

    public static Props Create(string queue, int workers, WorkerBlueprint blueprint) =>
        Props.Create(() => new WorkerPoolActor(queue, workers, blueprint));
}
