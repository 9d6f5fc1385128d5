using System.Diagnostics;
using System.Text;
using Dramatiq.Akka.Tests.EndToEnd;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

/// <summary>Whole worker processes of the Interop example, killed and asked to stop. Each message pipes its result to this process, which counts.</summary>
[Collection(RabbitMqCollection.Name)]
public sealed class WorkerProcessSpec(SharedRabbitMq shared) : IAsyncLifetime
{
    private const int Messages = 40_000;
    private readonly string _notes = "notes_" + Guid.NewGuid().ToString("N");
    private readonly List<Process> _workers = [];
    private readonly Tally _tally = new(Messages);
    private RabbitMqHost? _counter;

    public async Task InitializeAsync()
    {
        await shared.Server.DeleteQueuesAsync("math");
        await shared.Server.DeleteQueuesAsync("interop");
        _counter = await RabbitMqHost.StartAsync(shared.Server.Url, d => d.AddActor("note", (int n, long sum) => _tally.Count(n), o => o.Queue(_notes)));
    }

    public async Task DisposeAsync()
    {
        foreach (var worker in _workers)
            await worker.EndAsync();

        if (_counter is not null)
            await _counter.DisposeAsync();
        await shared.Server.DeleteQueuesAsync("math");
        await shared.Server.DeleteQueuesAsync("interop");
        await shared.Server.DeleteQueuesAsync(_notes);
    }

    [Fact]
    public async Task Another_worker_must_handle_what_a_killed_one_had_in_hand()
    {
        await PublishAsync();
        var doomed = Start();
        await _tally.ReachAsync(Messages / 8);
        doomed.Kill();
        await doomed.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(_tally.Distinct < Messages, "The worker was done before it was killed.");

        Start();
        await _tally.All;
        Assert.Equal(Messages, _tally.Distinct);
    }

    [Fact]
    public async Task A_worker_that_is_asked_to_stop_must_give_back_what_it_has_not_started_and_end_well()
    {
        await PublishAsync();
        var worker = Start();
        await _tally.ReachAsync(Messages / 8);
        using (var kill = Process.Start("/bin/kill", ["-TERM", $"{worker.Id}"]))
            await kill.WaitForExitAsync();
        await worker.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(120));

        Assert.Equal(0, worker.ExitCode);
        var left = 0;
        await Eventually.AssertAsync(async () =>
        {
            left = (int)await shared.Server.CountAsync("math");
            Assert.Equal(Messages, left + _tally.Distinct);
        });
        Assert.True(left > 0, "The worker was done before it was asked to stop.");
        Assert.Equal(0, _tally.Duplicates);
    }

    private Process Start()
    {
        var start = new ProcessStartInfo("dotnet", [Checkout.Program("examples/Interop", "Interop.dll"), "worker", "--broker", shared.Server.Url]) { RedirectStandardOutput = true, RedirectStandardError = true };
        var worker = Process.Start(start)!;
        worker.OutputDataReceived += static (_, _) => { };
        worker.ErrorDataReceived += static (_, _) => { };
        worker.BeginOutputReadLine();
        worker.BeginErrorReadLine();
        _workers.Add(worker);
        return worker;
    }

    /// <summary>All of them before there is a worker, which could otherwise keep up with the publisher.</summary>
    private async Task PublishAsync()
    {
        await using (var broker = TestBroker.Create(shared.Server))
            await broker.DeclareQueueAsync("math", CancellationToken.None);
        await using var connection = await shared.Server.Factory().CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await Task.WhenAll(Enumerable.Range(0, Messages).Select(number => channel.BasicPublishAsync("", "math", mandatory: true, Body(number)).AsTask()));
    }

    private byte[] Body(int number) => Encoding.UTF8.GetBytes($$$"""
        {"queue_name":"math","actor_name":"add","args":[{{{number}}},1],"kwargs":{},"options":{"pipe_target":{"queue_name":"{{{_notes}}}","actor_name":"note","args":[{{{number}}}],"kwargs":{},"options":{},"message_id":"{{{Guid.NewGuid()}}}","message_timestamp":1795354558050}},"message_id":"{{{Guid.NewGuid()}}}","message_timestamp":1795354558050}
        """);
}
