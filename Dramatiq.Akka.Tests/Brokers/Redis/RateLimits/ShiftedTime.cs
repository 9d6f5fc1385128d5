namespace Dramatiq.Akka.Tests.Brokers.Redis.RateLimits;

/// <summary>The clock of a machine that is so far ahead of others, or behind them.</summary>
internal sealed class ShiftedTime(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
}
