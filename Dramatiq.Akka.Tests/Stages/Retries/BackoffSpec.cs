using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Tests.Stages.Retries;

public sealed class BackoffSpec
{
    private const double Min = 15_000;
    private const double Max = 604_800_000;

    [Fact]
    public void Backoff_must_double_from_15_seconds_to_491520() =>
        Assert.Equal(
            [15, 30, 60, 120, 240, 480, 960, 1_920, 3_840, 7_680, 15_360, 30_720, 61_440, 122_880, 245_760, 491_520],
            Enumerable.Range(0, 16).Select(static retries => Backoff.Of(retries, Min, Max, 0, 0).TotalSeconds));

    [Theory]
    [InlineData(0, 30)]
    [InlineData(1, 60)]
    [InlineData(14, 491_520)]
    public void Backoff_must_be_up_to_twice_as_long_by_chance(int retries, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Backoff.Of(retries, Min, Max, 1, 1));

    [Theory]
    [InlineData(16, 0, 302_400)]
    [InlineData(16, 0.5, 453_600)]
    [InlineData(16, 1, 604_800)]
    [InlineData(19, 1, 604_800)]
    [InlineData(15, 1, 604_800)]
    [InlineData(1_000, 1, 604_800)]
    [InlineData(int.MaxValue, 0, 302_400)]
    public void Backoff_above_the_cap_must_be_half_of_it_or_more_by_chance(int retries, double jitter, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Backoff.Of(retries, Min, Max, jitter, jitter));

    [Fact]
    public void Backoff_at_the_cap_must_be_kept() => Assert.Equal(TimeSpan.FromSeconds(30), Backoff.Of(0, Min, 30_000, 1, 1));

    [Fact]
    public void Backoff_must_be_whole_milliseconds() => Assert.Equal(TimeSpan.FromMilliseconds(1_333), Backoff.Of(0, 1_000, Max, 1 / 3d, 1 / 3d));

    [Fact]
    public void Backoff_must_stop_doubling_after_32_times() =>
        Assert.Equal(Backoff.Of(32, 0.0001, Max, 0, 0), Backoff.Of(33, 0.0001, Max, 0, 0));
}
