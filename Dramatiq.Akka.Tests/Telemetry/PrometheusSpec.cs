using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Telemetry;

/// <summary>What a Prometheus that knows Python's Dramatiq finds at a worker of ours.</summary>
[Collection(Alone.Name)]
public sealed class PrometheusSpec
{
    private static readonly TimeSpan Soon = Eventually.Patience;

    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/openmetrics-text; version=1.0.0; escaping=allow-utf-8")]
    public async Task Metrics_must_have_the_names_labels_and_buckets_of_Dramatiq(string accept)
    {
        await using var host = await StartAsync();
        await RunAllAsync(host);
        var scrape = await host.ScrapeAsync(accept);
        foreach (var counter in new[] { "dramatiq_messages_total", "dramatiq_message_errors_total", "dramatiq_message_retries_total", "dramatiq_message_rejects_total" })
            Assert.Equal(["actor_name", "queue_name"], scrape.LabelsOf(counter).Order());
        foreach (var gauge in new[] { "dramatiq_messages_inprogress", "dramatiq_delayed_messages_inprogress" })
            Assert.Equal(("actor_name,queue_name", "gauge"), (string.Join(',', scrape.LabelsOf(gauge).Order()), scrape.Types[gauge]));
        Assert.Equal("histogram", scrape.Types["dramatiq_message_duration_milliseconds"]);
        Assert.Equal(
            ["5", "10", "25", "50", "75", "100", "250", "500", "750", "1000", "2500", "5000", "7500", "10000", "30000", "60000", "600000", "900000", "+Inf"],
            scrape.ValuesOf("dramatiq_message_duration_milliseconds_bucket", "le").Select(static le => le.Replace(".0", "", StringComparison.Ordinal)).Distinct());
    }

    [Fact]
    public async Task Counts_must_be_those_of_what_happened()
    {
        await using var host = await StartAsync();
        await RunAllAsync(host);
        var scrape = await host.ScrapeAsync();
        double? Count(string metric, string actor) => scrape.Value(metric, ("queue_name", "scraped"), ("actor_name", actor));

        Assert.Equal((3, 0), (Count("dramatiq_messages_total", "good"), Count("dramatiq_message_errors_total", "good")));

        // One retry, counted once; the second failure is the last.
        Assert.Equal((2, 2), (Count("dramatiq_messages_total", "bad"), Count("dramatiq_message_errors_total", "bad")));
        Assert.Equal((1, 1), (Count("dramatiq_message_retries_total", "bad"), Count("dramatiq_message_rejects_total", "bad")));
        Assert.Equal((3, 2), (Count("dramatiq_message_duration_milliseconds_count", "good"), Count("dramatiq_message_duration_milliseconds_count", "bad")));
        Assert.Equal((0, 0), (Count("dramatiq_messages_inprogress", "good"), Count("dramatiq_messages_inprogress", "slow")));

        // The first message of each worker at least is measured; not each of a burst.
        foreach (var (stage, direction) in new[] { ("TimeLimit", "before"), ("TimeLimit", "after"), ("Retries", "after"), ("handler", "run") })
            Assert.InRange(scrape.Value("dramatiq_stage_duration_milliseconds_count", ("queue_name", "scraped"), ("stage", stage), ("direction", direction)) ?? 0, 1, 5);
    }

    [Fact]
    public async Task Message_in_hand_and_a_delayed_one_must_be_seen_while_they_are()
    {
        await using var host = await StartAsync();
        await host.Queue.EnqueueAsync(new ActorCall("slow"));
        await host.Queue.EnqueueAsync(new ActorCall("good"), TimeSpan.FromHours(1));
        (string, string)[] slow = [("queue_name", "scraped"), ("actor_name", "slow")];
        await Eventually.AssertAsync(async () =>
        {
            var scrape = await host.ScrapeAsync();
            Assert.Equal(1, scrape.Value("dramatiq_messages_inprogress", slow));
            Assert.Equal(1, scrape.Value("dramatiq_delayed_messages_inprogress", ("queue_name", "scraped"), ("actor_name", "good")));
            Assert.Equal(1, scrape.Value("dramatiq_queue_messages", ("queue_name", "scraped"), ("state", "inflight")));
            Assert.Equal(1, scrape.Value("dramatiq_queue_messages", ("queue_name", "scraped"), ("state", "delayed")));
            Assert.Equal(1, scrape.Value("dramatiq_consumer_messages_inflight", ("queue_name", "scraped.DQ")));
            Assert.Equal(1, scrape.Value("dramatiq_workers", ("queue_name", "scraped"), ("state", "busy")));
            Assert.Equal(1, scrape.Value("dramatiq_workers", ("queue_name", "scraped"), ("state", "idle")));
            Assert.Equal(0, scrape.Value("dramatiq_consumer_reconnects_total", ("queue_name", "scraped")));
        });

        _release.SetResult();
        await Eventually.AssertAsync(async () => Assert.Equal(0, (await host.ScrapeAsync()).Value("dramatiq_messages_inprogress", slow)));
    }

    [Fact]
    public async Task Name_from_outside_must_not_become_a_series()
    {
        await using var host = await StartAsync();
        await host.Queue.EnqueueAsync(new ActorCall("stranger_17") { Queue = "scraped" });
        await Eventually.AssertAsync(async () =>
        {
            var scrape = await host.ScrapeAsync();
            Assert.True(scrape.Value("dramatiq_message_rejects_total", ("queue_name", "unknown"), ("actor_name", "unknown")) >= 1);
            Assert.DoesNotContain("stranger_17", scrape.Text, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Dashboard_must_ask_for_nothing_that_a_real_run_does_not_show()
    {
        await using var host = await StartAsync();
        await RunAllAsync(host);
        await host.Queue.EnqueueAsync(new ActorCall("stuck"));
        for (var i = 0; i < 10; i++)
            await host.Queue.EnqueueAsync(new ActorCall("slow"));
        var scrape = new Scrape("");
        await Eventually.AssertAsync(async () =>
        {
            scrape = await host.ScrapeAsync();
            Assert.Contains("dramatiq_queue_oldest_age_seconds", scrape.Names);
            Assert.Equal(1, scrape.Value("dramatiq_handlers_abandoned_total", ("queue_name", "scraped"), ("actor_name", "stuck")));
        });
        _release.SetResult();
        var asked = Dashboard.Metrics();
        Assert.True(asked.Count > 10, "The dashboard's queries were not read.");
        foreach (var (metric, labels) in asked)
        {
            Assert.True(scrape.Names.Contains(metric), $"The dashboard asks for {metric}, which the scrape has not:\n{scrape.Text}");
            Assert.All(labels.Except(Dashboard.OfPrometheus), label => Assert.Contains(label, scrape.LabelsOf(metric)));
        }
    }

    [Fact]
    public void Dashboard_must_tell_applications_and_processes_apart()
    {
        // All but the variables that find the applications, and the processes of one.
        var asked = Dashboard.Metrics().Where(static one => one.Labels.Count > 1).ToList();

        Assert.True(asked.Count > 10, "The dashboard's queries were not read.");
        Assert.All(asked, static one => Assert.Empty(Dashboard.OfPrometheus.Except(one.Labels)));
    }

    [Fact]
    public async Task Queue_that_cannot_be_read_must_not_hide_the_others()
    {
        var broker = new Inspection.FlakyBroker { Unreadable = "damaged" };
        await using var host = await ScrapedHost.StartAsync(d =>
        {
            d.Options.TelemetryInterval = TimeSpan.FromMilliseconds(100);
            d.UseBroker(_ => broker);
            d.AddActor("a", static () => { }, static o => o.Queue("damaged"));
            d.AddActor("b", static () => { }, static o => o.Queue("sound"));
        });
        await Eventually.AssertAsync(async () =>
        {
            var scrape = await host.ScrapeAsync();
            Assert.Equal(0, scrape.Value("dramatiq_queue_messages", ("queue_name", "sound"), ("state", "ready")));
            Assert.Null(scrape.Value("dramatiq_queue_messages", ("queue_name", "damaged"), ("state", "ready")));
        });
        await host.Log.OneAsync("The depth of queue damaged cannot be read");
        broker.Unreadable = null;
        await Eventually.AssertAsync(async () => Assert.Equal(0, (await host.ScrapeAsync()).Value("dramatiq_queue_messages", ("queue_name", "damaged"), ("state", "ready"))));
        Assert.Single(host.Log.All, static line => line.Text.Contains("The depth of queue damaged", StringComparison.Ordinal));
    }

    private Task<ScrapedHost> StartAsync() => ScrapedHost.StartAsync(d =>
    {
        d.Options.Queues.Workers = 2;
        d.Options.TelemetryInterval = TimeSpan.FromMilliseconds(100);
        d.AddActor("good", static () => { }, static o => o.Queue("scraped"));
        d.AddActor("bad", static void () => throw new InvalidOperationException("as ever"), static o => o.Queue("scraped").MaxRetries(1).MinBackoff(TimeSpan.FromMilliseconds(1)).MaxBackoff(TimeSpan.FromMilliseconds(2)));
        d.Options.TimeLimitGrace = TimeSpan.FromMilliseconds(50);
        d.AddActor("stuck", () => _release.Task, static o => o.Queue("scraped").TimeLimit(TimeSpan.FromMilliseconds(50)).MaxRetries(0));
        d.AddActor("slow", () => _release.Task, static o => o.Queue("scraped"));
    });

    private static async Task RunAllAsync(ScrapedHost host)
    {
        for (var i = 0; i < 3; i++)
            await host.Queue.EnqueueAsync(new ActorCall("good"));
        await host.Queue.EnqueueAsync(new ActorCall("bad"));
        await host.Broker.JoinAsync("scraped", Soon, failFast: false);

        // The last message is counted before it is settled, a dead letter when the broker has confirmed it.
        await Eventually.AssertAsync(async () => Assert.Equal(1, (await host.ScrapeAsync()).Value("dramatiq_message_rejects_total", ("queue_name", "scraped"), ("actor_name", "bad"))));
    }
}
