namespace Dramatiq.Akka.Inspection;

/// <summary>A question: this process. Answered with <see cref="NodeReport"/>.</summary>
public sealed record GetNode : IQuestion<NodeReport>;

/// <summary>An order: drain this process. It takes no more messages, and finishes or hands back what it has. Answered with <see cref="NodeReport"/> once it has begun; it cannot be undone.</summary>
public sealed record DrainNode : IOrder<NodeReport>
{
    /// <inheritdoc />
    public bool Destroys => true;
}

/// <summary>This process.</summary>
/// <param name="Name">The actor system, the machine and the process id: <c>app@host:4711</c>.</param>
/// <param name="Version">The version of this library.</param>
/// <param name="State">What it does.</param>
/// <param name="StartedAt">When its inspection began, which is when it started.</param>
/// <param name="Broker">What the broker is called, and what it can do.</param>
/// <param name="Gateway">What waits to be enqueued.</param>
/// <param name="KeepsLives">Whether <see cref="GetLife"/> has answers.</param>
public sealed record NodeReport(string Name, string Version, NodeState State, DateTimeOffset StartedAt, BrokerReport Broker, GatewayReport Gateway, bool KeepsLives);

/// <summary>What a process does.</summary>
public enum NodeState
{
    /// <summary>It takes messages, or would if it consumed any queue.</summary>
    Running,

    /// <summary>It finishes what it has.</summary>
    Draining,

    /// <summary>It has finished.</summary>
    Drained,
}

/// <summary>The broker of this process.</summary>
/// <param name="Name">Such as <c>redis</c>.</param>
/// <param name="InspectsQueues">Whether it tells what its queues hold.</param>
/// <param name="PausesEverywhere">Whether a queue can be paused for every process.</param>
/// <param name="DelaysNatively">Whether delayed messages wait at the broker and in no process.</param>
public sealed record BrokerReport(string Name, bool InspectsQueues, bool PausesEverywhere, bool DelaysNatively);

/// <summary>The gateway of this process.</summary>
/// <param name="Pending">Messages that wait for the broker's confirmation.</param>
/// <param name="PendingBytes">How large they are together.</param>
/// <param name="Enqueued">How many were confirmed since the start.</param>
/// <param name="Failed">How many failed.</param>
public sealed record GatewayReport(int Pending, long PendingBytes, long Enqueued, long Failed);
