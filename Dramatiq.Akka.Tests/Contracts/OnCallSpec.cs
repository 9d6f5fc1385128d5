using System.Text.Json.Nodes;
using Akka.Hosting;
using Dramatiq.Akka.Hosting;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Hosting;
using Dramatiq.Akka.Tests.Cli;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Tests.Contracts;

/// <summary>What somebody on call types, against a real worker on a real broker: nothing between the keyboard and the queue is made up.</summary>
public abstract class OnCallSpec : IAsyncLifetime
{
    private readonly SemaphoreSlim _gate = new(0);
    private IHost _host = null!;
    private ManagementListener _management = null!;
    private Typed _typed = null!;

    /// <summary>A queue of this test's own.</summary>
    protected string Queue { get; } = "oncall_" + Guid.NewGuid().ToString("N");

    /// <summary>Gives the system its broker.</summary>
    protected abstract void Attach(AkkaConfigurationBuilder system);

    /// <summary>Frees what the broker holds of this queue.</summary>
    protected virtual Task CleanUpAsync() => Task.CompletedTask;

    public async Task InitializeAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddTaskQueue();
        builder.Services.AddAkka("on-call", system =>
        {
            system.ConfigureLoggers(static loggers => loggers.ClearLoggers());
            system.WithDramatiq(d =>
            {
                d.Options.Queues.Workers = 1;
                d.Options.Queues.Prefetch = 2;
                d.Options.LifeStore = LifeStoreKind.Memory;
                d.AddActor("add", static (int x, int y) => x + y, o => o.Queue(Queue));
                d.AddActor("fail", static void (string why) => throw new InvalidOperationException(why), o => o.Queue(Queue).MaxRetries(0));
                d.AddActor("wait", async (string _, CancellationToken cut) => await _gate.WaitAsync(cut), o => o.Queue(Queue));
            });
            Attach(system);
        });
        _host = builder.Build();
        await _host.StartAsync();
        var actors = _host.Services.GetRequiredService<ActorSystem>();
        _management = (await ManagementListener.StartAsync(new ManagementSite(actors, new ManagementOptions { Port = 0 }, _host.Services)))!;
        _typed = new Typed(_management.Address);
    }

    public async Task DisposeAsync()
    {
        _gate.Release(1_000);
        await _management.DisposeAsync();
        await _host.StopAsync().WaitAsync(TimeSpan.FromSeconds(60));
        _host.Dispose();
        _gate.Dispose();
        await CleanUpAsync();
    }

    [Fact]
    public async Task Dead_letter_must_be_found_understood_requeued_and_deleted()
    {
        var id = await EnqueueAsync("fail", """["no such customer"]""");
        await ShowsAsync(["dead", "list", Queue], "no such customer");

        var whole = await OkAsync("message", "show", id);
        Assert.Contains("InvalidOperationException: no such customer", whole.Output, StringComparison.Ordinal);
        Assert.Contains($"{Queue}, dead", whole.Output, StringComparison.Ordinal);
        Assert.Contains(nameof(OnCallSpec), whole.Output, StringComparison.Ordinal);
        await ShowsAsync(["message", "show", id], "enqueued");

        Assert.Equal($"Requeued 1 dead letter of queue '{Queue}'.", (await OkAsync("dead", "requeue", Queue, id)).Lines[0]);
        await Eventually.AssertAsync(async () => Assert.Equal(
            2, (await OkAsync("message", "show", id, "--json")).Json["life"]!["steps"]!.AsArray().Count(static step => (string?)step!["state"] == "dead")));

        Assert.Equal($"Deleted 1 dead letter of queue '{Queue}'.", (await OkAsync("dead", "delete", Queue, "--reason", "customer", "--yes")).Lines[0]);
        Assert.Empty((await OkAsync("dead", "list", Queue, "--json")).Json["messages"]!.AsArray());
        Assert.Equal(5, (await _typed.RunAsync("dead", "delete", Queue, id, "--yes")).ExitCode);
    }

    [Fact]
    public async Task Bulk_orders_must_mean_what_was_counted_and_nothing_else()
    {
        foreach (var why in new[] { "timeout a", "timeout b", "disk full" })
            await EnqueueAsync("fail", $"[\"{why}\"]");
        await Eventually.AssertAsync(async () => Assert.Equal(3, await CountAsync("dead")));
        await OkAsync("queue", "pause", Queue);

        var asked = new Typed(_management.Address) { Reply = "y" };
        var run = await asked.RunAsync("dead", "requeue", Queue, "--reason", "timeout");
        Assert.Contains($"Requeue 2 dead letters of queue '{Queue}'? [y/N]", run.Error, StringComparison.Ordinal);
        Assert.Equal((0, 1L, 2L), (run.ExitCode, await CountAsync("dead"), await CountAsync("ready")));

        Assert.Equal($"Dropped 2 waiting messages of queue '{Queue}'.", (await OkAsync("queue", "purge", Queue, "--place", "ready", "--yes")).Lines[0]);
        Assert.Equal((1L, 0L), (await CountAsync("dead"), await CountAsync("ready")));
    }

    [Fact]
    public async Task Paused_queue_must_keep_its_messages_and_run_what_is_left_of_them_later()
    {
        await OkAsync("queue", "pause", Queue, "--everywhere");
        var (kept, dropped) = (await EnqueueAsync("add", "[1, 2]"), await EnqueueAsync("add", "[3, 4]"));

        var list = await OkAsync("message", "list", Queue);
        Assert.Contains(kept, list.Output, StringComparison.Ordinal);
        Assert.Contains("3, 4", list.Output, StringComparison.Ordinal);
        Assert.True((bool)(await OkAsync("queue", "show", Queue, "--json")).Json["isPausedEverywhere"]!);
        Assert.Equal($"Deleted 1 waiting message of queue '{Queue}'.", (await OkAsync("message", "delete", Queue, dropped, "--place", "ready", "--yes")).Lines[0]);

        await OkAsync("queue", "resume", Queue, "--everywhere");
        await ShowsAsync(["message", "show", kept], "done");
        Assert.DoesNotContain("running", (await OkAsync("message", "show", dropped)).Output, StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync("ready"));
    }

    [Fact]
    public async Task Delayed_message_must_be_run_now_or_dropped()
    {
        var (now, never) = (await EnqueueAsync("add", "[1, 2]", "--delay", "1h"), await EnqueueAsync("add", "[3, 4]", "--delay", "2h"));
        await Eventually.AssertAsync(async () => Assert.Equal(2, await CountAsync("delayed")));
        await ShowsAsync(["message", "list", Queue, "--place", "delayed"], "3, 4");

        Assert.Equal($"Put up to run now: 1 delayed message of queue '{Queue}'.", (await OkAsync("message", "run-now", Queue, now)).Lines[0]);
        await ShowsAsync(["message", "show", now], "done");
        Assert.Equal($"Deleted 1 delayed message of queue '{Queue}'.", (await OkAsync("message", "delete", Queue, never, "--place", "delayed", "--yes")).Lines[0]);
        await Eventually.AssertAsync(async () => Assert.Equal(0, await CountAsync("delayed")));
    }

    [Fact]
    public async Task Workers_must_be_seen_scaled_and_drained()
    {
        var first = await EnqueueAsync("wait", """["one"]""");
        await ShowsAsync(["worker", "list", Queue], first);
        var second = await EnqueueAsync("wait", """["two"]""");
        Assert.Equal($"Queue {Queue} has 2 workers in this process from now on.", (await OkAsync("worker", "scale", Queue, "2")).Lines[0]);
        await ShowsAsync(["worker", "list"], second);
        await ShowsAsync(["top"], "2/2");
        await ShowsAsync(["actor", "tree", "--depth", "6"], "worker-2");

        Assert.Equal(0, (await _typed.RunAsync("worker", "drain", "--yes")).ExitCode);
        Assert.Equal("draining", (string?)(await OkAsync("node", "show", "--json")).Json["state"]);
        _gate.Release(2);
        await Eventually.AssertAsync(async () => Assert.Equal("drained", (string?)(await OkAsync("node", "show", "--json")).Json["state"]));
    }

    /// <summary>Types an enqueue, and gives the message_id that it answered.</summary>
    private async Task<string> EnqueueAsync(string actor, string args, params string[] more) => (string)(await OkAsync(["enqueue", Queue, actor, args, "--json", .. more])).Json["messageId"]!;

    private async Task<long> CountAsync(string place) => (long)(await OkAsync("queue", "show", Queue, "--json")).Json[place]!;

    private Task ShowsAsync(string[] args, string word) => Eventually.AssertAsync(async () => Assert.Contains(word, (await OkAsync(args)).Output, StringComparison.Ordinal));

    private async Task<Typed.Run> OkAsync(params string[] args)
    {
        var run = await _typed.RunAsync(args);
        Assert.True(run.ExitCode == 0, $"dramatiq {string.Join(' ', args)}: {run.ExitCode}\n{run.Output}\n{run.Error}");
        return run;
    }
}
