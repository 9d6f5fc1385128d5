using Dramatiq.Akka.RateLimits;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Stages.GroupCallbacks;

/// <summary>What needs a store that is not named says so, before anything runs for nothing.</summary>
public sealed class MissingStoreSpec
{
    private static ActorCall Work => new("work");

    public static TheoryData<string> Counted => new("group with a callback", "group in a pipeline", "pipeline with a failure callback", "group before a step");

    [Theory]
    [MemberData(nameof(Counted))]
    public async Task What_is_counted_must_name_what_to_add(string what)
    {
        await using var host = await TestHost.StartAsync(static d => d.AddActor("work", static (params object?[] _) => 1));
        var error = await Assert.ThrowsAsync<DeclarationException>(() => what switch
        {
            "group with a callback" => host.Queue.RunAsync(Group.Of(Work).AddCompletionCallback(Work)),
            "group in a pipeline" => host.Queue.RunAsync(Work | Group.Of(Work, Work)),
            "pipeline with a failure callback" => host.Queue.RunAsync(Pipeline.Of(Work).AddFailureCallback(Work)),
            _ => (Task)host.Queue.RunAsync(Group.Of(Work) | Work),
        });

        Assert.StartsWith("A group with callbacks, in a pipeline, or a pipeline with a failure callback, is counted in a store, and none is named here. Add WithRedisRateLimits(", error.Message, StringComparison.Ordinal);
        Assert.Empty(host.Broker.DeadLetters());
    }

    [Fact]
    public async Task Results_that_are_passed_on_must_name_what_to_add()
    {
        await using var host = await TestHost.StartAsync(static d => d.AddActor("work", static (params object?[] _) => 1), akka: static akka => akka.WithInMemoryRateLimits());
        var error = await Assert.ThrowsAsync<DeclarationException>(() => host.Queue.RunAsync(Group.Of(Work) | Work));

        Assert.StartsWith("The step after a group is given the results of its members, and no store of results is named here. Add WithRedisResults(", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Member_whose_result_is_passed_on_must_be_buried_before_it_runs_on_a_worker_that_cannot_store_it()
    {
        var runs = 0;
        var clock = new FakeTimeProvider();
        var broker = VirtualHost.NewBroker(clock);
        var counters = new InMemoryRateLimiterBackend(clock);
        await using var worker = await VirtualHost.StartAsync(d => d.AddActor("work", () => ++runs), clock: clock, broker: broker, akka: akka => akka.WithInMemoryRateLimits(counters));
        await using var sender = await TestHost.StartAsync(static d => d.AddRemoteActor("work", "default").AddRemoteActor("sum", "sums"), broker,
            akka: akka => akka.WithInMemoryRateLimits(counters).WithInMemoryResults());
        await sender.Queue.RunAsync(Group.Of(Work) | new ActorCall("sum"));
        await worker.JoinAsync(failFast: false);

        Assert.Equal(0, runs);
        Assert.Equal(
            "the step after its group is given its result, and no store of results is named here: add WithRedisResults(\"redis://…\") next to WithDramatiq(…), and requeue the message",
            worker.DeadNote().GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Plain_group_and_pipeline_must_need_no_store()
    {
        var runs = 0;
        await using var host = await TestHost.StartAsync(d => d.AddActor("work", (params object?[] _) => Interlocked.Increment(ref runs)));
        await host.Queue.RunAsync(Group.Of(Work, Work | Work, Group.Of(Work)));
        await host.JoinAsync();

        Assert.Equal(4, runs);
    }

    [Fact]
    public async Task Member_on_a_worker_without_a_store_must_be_buried_before_it_runs()
    {
        var runs = 0;
        var clock = new FakeTimeProvider();
        var broker = VirtualHost.NewBroker(clock);
        await using var worker = await VirtualHost.StartAsync(d => d.AddActor("work", () => runs++), clock: clock, broker: broker);
        await using var sender = await TestHost.StartAsync(static d => d.AddRemoteActor("work", "default"), broker, akka: static akka => akka.WithInMemoryRateLimits(new InMemoryRateLimiterBackend()));
        await sender.Queue.RunAsync(Group.Of(Work).AddCompletionCallback(Work));
        await worker.JoinAsync(failFast: false);

        Assert.Equal(0, runs);
        Assert.Equal(
            "it is part of a group, and no backend counts groups here: add WithRedisRateLimits(\"redis://…\") next to WithDramatiq(…), and requeue the message",
            worker.DeadNote().GetProperty("reason").GetString());
    }
}
