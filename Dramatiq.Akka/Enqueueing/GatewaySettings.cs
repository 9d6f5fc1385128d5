namespace Dramatiq.Akka.Enqueueing;

/// <summary>How the gateway publishes.</summary>
/// <param name="MaxPending">How many messages may wait for the broker before the next is refused.</param>
/// <param name="MaxPendingBytes">How much memory they may take, roughly.</param>
/// <param name="BatchSize">How many messages go to the broker in one call at the most.</param>
/// <param name="MaxBatches">How many calls may be under way.</param>
/// <param name="Timeout">How long a message may wait for its confirmation.</param>
/// <param name="RetryMin">The wait before publishing again what a lost connection left open.</param>
/// <param name="RetryMax">The longest such wait.</param>
internal sealed record GatewaySettings(int MaxPending, long MaxPendingBytes, int BatchSize, int MaxBatches, TimeSpan Timeout, TimeSpan RetryMin, TimeSpan RetryMax);
