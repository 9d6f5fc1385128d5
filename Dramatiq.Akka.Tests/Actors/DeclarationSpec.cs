using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Actors;

public sealed class DeclarationSpec
{
    [Task(Name = "count", Queue = "words", Priority = 3, MaxRetries = -1, MinBackoffMs = 100, MaxBackoffMs = 200, MaxAgeMs = 300, TimeLimitMs = 400,
        NotifyShutdown = true, OnSuccess = "done", OnFailure = "done", OnRetryExhausted = "done", PipeIgnore = true)]
    private sealed record CountWords(string Path);

    [Task(MaxRetries = 0)]
    private sealed record Zero;

    private sealed record SendEmailNow(string To);

    [Fact]
    public async Task Actor_must_have_dramatiqs_defaults_where_nothing_is_said()
    {
        await using var host = await VirtualHost.StartAsync(static d => d.AddActor("plain", () => { }).AddTask<SendEmailNow>());

        foreach (var name in new[] { "plain", "send_email_now" })
        {
            var actor = Declared(host, name);
            Assert.Equal((name, "default", 0), (actor.Name, actor.Queue, actor.Priority));
            Assert.Empty(actor.Options);
        }

        var settings = host.Host.Tasks.Settings;
        Assert.Equal((20, 15_000, 604_800_000, null, null), (
            settings.Retries.MaxRetries, settings.Retries.MinBackoffMs, settings.Retries.MaxBackoffMs, settings.Retries.When, settings.Retries.OnExhausted));
        Assert.Equal((0, 600_000, false), (settings.MaxAgeMs, settings.TimeLimitMs, settings.NotifyShutdown));
    }

    [Fact]
    public async Task Attribute_must_set_every_option()
    {
        await using var host = await VirtualHost.StartAsync(static d => d.AddTask<CountWords>().AddTask<Zero>().AddActor("done", (object message, object detail) => { }));

        var actor = Declared(host, "count");
        Assert.Equal(("words", 3, typeof(CountWords), false), (actor.Queue, actor.Priority, actor.TaskType, actor.HasHandler));
        Assert.Equal(
            "max_age=300 max_backoff=200 max_retries= min_backoff=100 notify_shutdown=True on_failure=done on_retry_exhausted=done on_success=done pipe_ignore=True time_limit=400",
            Text(actor));
        Assert.Equal("max_retries=0", Text(Declared(host, "zero")));
    }

    [Fact]
    public async Task Code_must_come_before_the_attribute_and_hocon_before_both()
    {
        await using var host = await VirtualHost.StartAsync(
            static d => d
                .AddTask<CountWords>(static a => a.Name("tally").Queue("numbers").Priority(-1).MaxRetries(7).MaxAge(TimeSpan.FromSeconds(2)))
                .AddActor("done", (object message, object detail) => { }),
            hocon: """dramatiq.actors { tally { max-age = 5m, throws = "System.FormatException", max-backoff = 1h } }""");

        var actor = Declared(host, "tally");
        Assert.Equal(("numbers", -1, 7, 300_000d, 3_600_000d), (
            actor.Queue, actor.Priority, actor.Option<int?>("max_retries", null), actor.Option("max_age", 0d), actor.Option("max_backoff", 0d)));
        Assert.Equal([typeof(FormatException)], actor.Option("throws", Type.EmptyTypes));
        Assert.False(host.Host.Tasks.Declarations.TryGet("count", out _));
    }

    [Fact]
    public async Task Option_in_hocon_that_cannot_be_used_must_stop_the_start()
    {
        var error = await Assert.ThrowsAsync<DeclarationException>(() => VirtualHost.StartAsync(
            static d => d.AddActor("work", () => { }), hocon: "dramatiq.actors { work { max-age = soon } }"));

        Assert.Equal("Actor 'work': option 'max_age' takes a time of 0 or more: a TimeSpan, milliseconds, or text such as 15s, and was given 'soon'.", error.Message);
    }

    [Fact]
    public async Task Delegate_must_be_named_anew_when_asked()
    {
        await using var host = await VirtualHost.StartAsync(static d => d.AddActor("work", () => { }, static a => a.Name("labour").Queue("other")));

        Assert.Equal("other", Declared(host, "labour").Queue);
    }

    [Fact]
    public async Task Remote_actor_must_be_sent_to_and_not_consumed()
    {
        await using var host = await VirtualHost.StartAsync(static d => d.AddRemoteActor("resize", "images"));
        await host.CallAsync("resize", "a.png");

        Assert.Equal(["images"], host.Host.Tasks.Declarations.Queues);
        Assert.Empty(host.Host.Tasks.Declarations.ConsumedQueues);
        Assert.Equal(1, (await host.Broker.GetStatsAsync("images", default)).Ready);
    }

    [Fact]
    public async Task Lower_priority_must_run_first_among_what_waits()
    {
        var seen = new Feed<string>();
        var door = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await VirtualHost.StartAsync(d =>
        {
            d.Options.Queues.Workers = 1;
            d.Options.Queues.Prefetch = 10;
            d.AddActor("door", async () =>
            {
                seen.Add("door");
                await door.Task;
            });
            d.AddActor("low", (int n) => seen.Add($"low {n}"), static a => a.Priority(10));
            d.AddActor("high", (int n) => seen.Add($"high {n}"), static a => a.Priority(-10));
        });
        await host.CallAsync("door");
        await seen.AtLeastAsync(1);
        foreach (var (actor, n) in new[] { ("low", 1), ("high", 1), ("low", 2), ("high", 2) })
            await host.CallAsync(actor, n);
        await Eventually.AssertAsync(async () => Assert.Equal((1, 4), await host.Host.PoolAsync() is var pool ? (pool.Busy, pool.Waiting) : default));
        door.SetResult();
        await host.JoinAsync();

        Assert.Equal(["door", "high 1", "high 2", "low 1", "low 2"], seen.All);
    }

    [Fact]
    public async Task Name_declared_twice_must_stop_the_start() => Assert.Equal(
        "Actor 'send_email_now' is declared twice: as a delegate and as task SendEmailNow. Rename one with Name(\"…\"), or drop it.",
        (await FailsAsync(static d => d.AddActor("send_email_now", () => { }).AddTask<SendEmailNow>())).Message);

    [Fact]
    public async Task Task_declared_twice_must_stop_the_start() => Assert.Equal(
        "Task SendEmailNow is declared twice: as actor 'send_email_now' and as actor 'other'. Drop one.",
        (await FailsAsync(static d => d.AddTask<SendEmailNow>().AddTask<SendEmailNow>(static a => a.Name("other")))).Message);

    [Theory]
    [InlineData("1st")]
    [InlineData("a b")]
    [InlineData("")]
    [InlineData("ä")]
    public async Task Queue_that_is_no_name_must_stop_the_start(string queue)
    {
        var text = $"Actor 'labour': '{queue}' is no queue name. It must start with a letter or an underscore, and go on with letters, digits, dots, dashes or underscores.";
        Assert.Equal(text, (await FailsAsync(d => d.AddActor("work", () => { }, a => a.Name("labour").Queue(queue)))).Message);
        Assert.Equal(text, (await FailsAsync(d => d.AddTask<SendEmailNow>(a => a.Name("labour").Queue(queue)))).Message);
    }

    [Theory]
    [InlineData("a.DQ")]
    [InlineData("a.XQ")]
    public async Task Queue_that_is_another_ones_delay_or_dead_letter_queue_must_stop_the_start(string queue) => Assert.Equal(
        $"Actor 'work': queue '{queue}' ends like the delay or dead-letter queue of another. Drop the suffix.",
        (await FailsAsync(d => d.AddActor("work", () => { }, a => a.Queue(queue)))).Message);

    private static DeclaredActor Declared(VirtualHost host, string name) =>
        host.Host.Tasks.Declarations.TryGet(name, out var actor) ? actor : throw new KeyNotFoundException(name);

    private static string Text(DeclaredActor actor) =>
        string.Join(' ', actor.Options.OrderBy(static option => option.Key, StringComparer.Ordinal).Select(static option => $"{option.Key}={option.Value}"));

    private static async Task<DeclarationException> FailsAsync(Action<DramatiqBuilder> configure) =>
        await Assert.ThrowsAsync<DeclarationException>(() => VirtualHost.StartAsync(configure));
}
