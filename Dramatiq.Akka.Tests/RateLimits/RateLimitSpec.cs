namespace Dramatiq.Akka.Tests.RateLimits;

public sealed class RateLimitSpec
{
    [Theory]
    [InlineData("concurrent(reports, 2)", "concurrent(reports, 2)")]
    [InlineData(" concurrent ( a:b c , 1 ) per tenantId ", "concurrent(a:b c, 1) per tenant_id")]
    [InlineData("bucket(mails, 100, 1s)", "bucket(mails, 100, 1000ms)")]
    [InlineData("window(api, 600, 60s) per key", "window(api, 600, 60000ms) per key")]
    public void Text_must_be_read_and_written(string text, string again)
    {
        var limit = RateLimit.Parse(text);
        Assert.Equal(again, limit.ToString());
        Assert.Equal(limit, RateLimit.Parse(again));
    }

    [Theory]
    [InlineData("")]
    [InlineData("concurrent(reports)")]
    [InlineData("concurrent(reports, 0)")]
    [InlineData("concurrent(reports, 2, 1s)")]
    [InlineData("concurrent(, 2)")]
    [InlineData("bucket(mails, 100)")]
    [InlineData("bucket(mails, 100, 0s)")]
    [InlineData("window(api, 600, 1500ms)")]
    [InlineData("window(api, 600, 2h)")]
    [InlineData("concurrent(reports, 2) per")]
    [InlineData("concurrent(reports, 99999999999)")]
    public void Text_that_is_none_must_be_refused(string text)
    {
        var error = Assert.Throws<FormatException>(() => RateLimit.Parse(text));
        Assert.Equal(
            $"'{text}' is no rate limit. Its form is concurrent(KEY, LIMIT), bucket(KEY, LIMIT, TIME) or window(KEY, LIMIT, TIME), and perhaps: per ARGUMENT.", error.Message);
    }

    [Fact]
    public void What_cannot_be_a_limit_must_be_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => RateLimit.Concurrent("k", 0));
        Assert.Throws<ArgumentException>(() => RateLimit.Concurrent("", 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => RateLimit.Bucket("k", 1, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => RateLimit.Window("k", 1, 3_601));
    }
}
