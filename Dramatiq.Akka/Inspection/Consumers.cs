using Dramatiq.Akka.Consumers;

namespace Dramatiq.Akka.Inspection;

/// <summary>A question: the consumers of this process, two for each queue. Answered with <see cref="ConsumerList"/>.</summary>
public sealed record GetConsumers : IQuestion<ConsumerList>;

/// <summary>The consumers, by queue.</summary>
/// <param name="Consumers">One report for each queue and delay queue that is consumed here.</param>
public sealed record ConsumerList(IReadOnlyList<ConsumerReport> Consumers);

/// <summary>One consumer of this process.</summary>
/// <param name="Queue">The queue as on the wire: <c>q</c> or <c>q.DQ</c>.</param>
/// <param name="State">What it does.</param>
/// <param name="Prefetch">How many deliveries it may have in hand.</param>
/// <param name="InFlight">How many it has. On Redis as many again as the prefetch may be done, and wait for their results to be stored.</param>
/// <param name="Credit">How many more it may be given for sure.</param>
/// <param name="Reconnects">How often it has lost the broker.</param>
/// <param name="LastProblem">Why it lost the broker, or could not connect, the last time; null when it never did.</param>
/// <param name="LastProblemAt">When that was.</param>
public sealed record ConsumerReport(
    string Queue, ConsumerState State, int Prefetch, int InFlight, int Credit, int Reconnects, string? LastProblem, DateTimeOffset? LastProblemAt);
