using System.Reflection;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using Dramatiq.Akka.Hosting;

namespace Dramatiq.Akka.Tests.Hosting;

public sealed class SettingsSpec
{
    private static readonly Config Reference = ConfigurationFactory.FromResource("Dramatiq.Akka.reference.conf", typeof(DramatiqBuilder).Assembly);

    private static DramatiqSettings With(string hocon) => new(ConfigurationFactory.ParseString(hocon).WithFallback(Reference));

    private static IEnumerable<string> Leaves(HoconValue value, string path) => value.IsObject() && value.GetObject().Items.Count > 0
        ? value.GetObject().Items.SelectMany(item => Leaves(item.Value, path + "." + item.Key))
        : [path];

    [Fact]
    public void Every_key_of_the_reference_must_be_read_and_every_key_read_must_be_there()
    {
        // A dispatcher's section is read by Akka.
        var leaves = Leaves(Reference.GetValue("dramatiq"), "dramatiq").Where(static path => !path.StartsWith("dramatiq.blocking-dispatcher.", StringComparison.Ordinal)).ToHashSet();
        Assert.Equal(leaves.Order(), new DramatiqSettings(Reference).PathsRead.Where(static path => path is not ("dramatiq.queues" or "dramatiq.queues.defaults")).Order());
    }

    [Fact]
    public void Defaults_must_be_those_of_the_issue()
    {
        var settings = new DramatiqSettings(Reference);
        var (queue, delays) = settings.Queue("any");
        var workers = 8 * Environment.ProcessorCount;
        Assert.Equal((workers, 2 * workers, Math.Min(1_000 * workers, 65_535)), (queue.Workers, queue.Prefetch, delays.Prefetch));
        Assert.Equal(("any", "any.DQ", 0), (queue.Queue, delays.Queue, delays.Workers));
        Assert.Equal(TimeSpan.FromSeconds(600), settings.ShutdownDeadline);
    }

    [Theory]
    [InlineData("consumer.max-deliveries", "many", "a whole number of 1 or more")]
    [InlineData("consumer.reconnect-min", "0s", "a time of 1 ms or more, such as 15s")]
    [InlineData("consumer.reconnect-max", "1ms", "a time of 250 ms or more, such as 15s")]
    [InlineData("gateway.max-pending", "0", "a whole number of 1 or more")]
    [InlineData("gateway.max-pending-bytes", "lots", "a size such as 64MiB")]
    [InlineData("gateway.max-pending-bytes", "99999999999999999999GiB", "a size such as 64MiB")]
    [InlineData("gateway.timeout", "soon", "a time of 1 ms or more, such as 15s")]
    [InlineData("gateway.batch-size", "-1", "a whole number of 1 or more")]
    [InlineData("gateway.max-batches", "1.5", "a whole number of 1 or more")]
    [InlineData("gateway.retry-min", "infinite", "a time of 1 ms or more, such as 15s")]
    [InlineData("gateway.retry-max", "1ms", "a time of 100 ms or more, such as 15s")]
    [InlineData("middleware.age-limit.max-age", "old", "a time such as 15s")]
    [InlineData("middleware.time-limit.time-limit", "-5s", "a time such as 15s")]
    [InlineData("middleware.time-limit.grace", "5 fortnights", "a time such as 15s")]
    [InlineData("middleware.shutdown-notifications.notify-shutdown", "perhaps", "true or false")]
    [InlineData("middleware.retries.max-retries", "-2", "a whole number of 0 or more")]
    [InlineData("middleware.retries.min-backoff", "x", "a time such as 15s")]
    [InlineData("middleware.retries.max-backoff", "y", "a time such as 15s")]
    [InlineData("shutdown.deadline", "never", "a time such as 15s")]
    [InlineData("queues.defaults.workers", "0", "a whole number of 1 or more")]
    [InlineData("queues.defaults.workers", "100001", "at most 100000")]
    [InlineData("queues.defaults.workers-per-processor", "99999999", "at most 100000 in all, with the processors of this machine")]
    [InlineData("queues.defaults.prefetch", "none", "a whole number of 1 or more")]
    [InlineData("queues.defaults.delay-prefetch", "70000", "at most 65535")]
    public void Bad_value_must_be_named_with_its_path(string key, string value, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => With($"dramatiq.{key} = \"{value}\""));
        Assert.Equal($"dramatiq.{key} must be {expected}, was '{value}'.", error.Message);
    }

    [Fact]
    public void Missing_value_must_be_named_with_its_path()
    {
        var error = Assert.Throws<ConfigurationException>(() => new DramatiqSettings(Config.Empty));
        Assert.Equal("dramatiq.consumer.max-deliveries is missing. Its default is in Dramatiq.Akka's reference.conf, which WithDramatiq adds.", error.Message);
    }

    [Fact]
    public void Queue_must_override_what_it_names_and_nothing_else()
    {
        var settings = With("""
            dramatiq.queues.defaults.workers = 6
            dramatiq.queues.emails { workers = 4, delay-prefetch = 9 }
            dramatiq.queues."with.dot" { prefetch = 3 }
            """);
        var emails = settings.Queue("emails");
        Assert.Equal((4, 8, 9), (emails.Queue.Workers, emails.Queue.Prefetch, emails.DelayQueue.Prefetch));
        Assert.Equal((6, 3), (settings.Queue("with.dot").Queue.Workers, settings.Queue("with.dot").Queue.Prefetch));
        Assert.Equal((6, 12), (settings.Queue("other").Queue.Workers, settings.Queue("other").Queue.Prefetch));
    }

    [Fact]
    public void Queue_key_must_be_known_and_its_value_usable()
    {
        Assert.Equal(
            "dramatiq.queues.emails.wokers is not known. Known keys: workers-per-processor, workers, prefetch-per-worker, prefetch, delay-prefetch-per-worker, delay-prefetch.",
            Assert.Throws<ConfigurationException>(() => With("dramatiq.queues.emails.wokers = 4")).Message);
        Assert.Equal("dramatiq.queues.emails.workers must be a whole number of 1 or more, was 'x'.",
            Assert.Throws<ConfigurationException>(() => With("dramatiq.queues.emails.workers = x")).Message);
    }

    [Fact]
    public void Deadline_must_be_shorter_than_its_phase()
    {
        Assert.Equal(
            "akka.coordinated-shutdown.phases.service-requests-done.timeout (630s) must be longer than dramatiq.shutdown.deadline (700s): raise the one or lower the other.",
            Assert.Throws<ConfigurationException>(() => With("dramatiq.shutdown.deadline = 700s")).Message);
    }

    public static TheoryData<string> Properties => new(typeof(DramatiqOptions).GetProperties().Where(static property => property.CanWrite).Select(static property => property.Name));

    /// <summary>Each property alone must change exactly its own key, to a value that the settings take.</summary>
    [Theory]
    [MemberData(nameof(Properties))]
    public void Option_must_be_written_to_its_key(string name)
    {
        var options = new DramatiqOptions();
        var property = typeof(DramatiqOptions).GetProperty(name)!;
        property.SetValue(options, ValueFor(property));
        AssertOneKey(options.ToHocon(), name);
    }

    public static TheoryData<string> QueueProperties => new(typeof(QueueOptions).GetProperties().Select(static property => property.Name));

    [Theory]
    [MemberData(nameof(QueueProperties))]
    public void Option_of_a_queue_must_be_written_to_its_key(string name)
    {
        var property = typeof(QueueOptions).GetProperty(name)!;
        var options = new DramatiqOptions();
        property.SetValue(options.Queues, 7);
        AssertOneKey(options.ToHocon(), name);
        var named = new DramatiqOptions();
        property.SetValue(named.Queue("my.queue"), 7);
        var settings = new DramatiqSettings(named.ToHocon().WithFallback(Reference));
        Assert.NotEqual(new DramatiqSettings(Reference).Queue("my.queue"), settings.Queue("my.queue"));
        Assert.Equal(new DramatiqSettings(Reference).Queue("another"), settings.Queue("another"));
    }

    [Fact]
    public void Options_must_be_read_back_as_they_were_set()
    {
        var options = new DramatiqOptions
        {
            MaxDeliveries = 3, ReconnectMin = TimeSpan.FromMilliseconds(1.5), ReconnectMax = TimeSpan.FromMinutes(2), GatewayMaxPending = 4, GatewayMaxPendingBytes = 5_000,
            GatewayTimeout = TimeSpan.FromSeconds(6), GatewayBatchSize = 7, GatewayMaxBatches = 8, GatewayRetryMin = TimeSpan.FromMilliseconds(9), GatewayRetryMax = TimeSpan.FromSeconds(10),
            MaxAge = TimeSpan.FromDays(11), TimeLimit = Timeout.InfiniteTimeSpan, TimeLimitGrace = TimeSpan.FromSeconds(12), NotifyShutdown = true, MaxRetries = -1,
            MinBackoff = TimeSpan.FromSeconds(13), MaxBackoff = TimeSpan.FromSeconds(14), ShutdownDeadline = TimeSpan.FromHours(15),
        };
        var settings = new DramatiqSettings(options.ToHocon().WithFallback(Reference));
        Assert.Equal(new(4, 5_000, 7, 8, TimeSpan.FromSeconds(6), TimeSpan.FromMilliseconds(9), TimeSpan.FromSeconds(10)), settings.Gateway);
        Assert.Equal((TimeSpan.FromDays(11).TotalMilliseconds, double.PositiveInfinity, TimeSpan.FromSeconds(12), true), (settings.MaxAgeMs, settings.TimeLimitMs, settings.TimeLimitGrace, settings.NotifyShutdown));
        Assert.Equal(new(null, 13_000, 14_000, null, null), settings.Retries);
        Assert.Equal(TimeSpan.FromHours(15), settings.ShutdownDeadline);
        var (queue, _) = settings.Queue("q");
        Assert.Equal((3, TimeSpan.FromMilliseconds(1.5), TimeSpan.FromMinutes(2)), (queue.MaxDeliveries, queue.ReconnectMin, queue.ReconnectMax));
    }

    private static object ValueFor(PropertyInfo property) => Nullable.GetUnderlyingType(property.PropertyType) switch
    {
        { } type when type == typeof(int) => 7,
        { } type when type == typeof(long) => 7L,
        { } type when type == typeof(bool) => true,
        { IsEnum: true } type => Enum.GetValues(type).GetValue(1)!,
        { } type when type == typeof(TimeSpan) => TimeSpan.FromSeconds(2),
        var other => throw new NotSupportedException($"{property.Name} is of type {other}: say what a value is."),
    };

    private static void AssertOneKey(Config hocon, string name)
    {
        var written = Assert.Single(Leaves(hocon.GetValue("dramatiq"), "dramatiq"));
        Assert.Contains(written, Leaves(Reference.GetValue("dramatiq"), "dramatiq"));
        var dashed = System.Text.RegularExpressions.Regex.Replace(name.Replace("Gateway", "", StringComparison.Ordinal), "(?<=.)([A-Z])", "-$1").ToLowerInvariant();
        Assert.EndsWith(written.Split('.')[^1], dashed, StringComparison.Ordinal);
        _ = new DramatiqSettings(hocon.WithFallback(Reference));
    }
}
