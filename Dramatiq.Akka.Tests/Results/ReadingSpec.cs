using Akka.Hosting;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Results;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Results;

/// <summary>What a caller gets of a result, by the handle of what was enqueued or by the message's id.</summary>
public sealed class ReadingSpec
{
    public sealed record Point(int X, string? Name);

    private static Task<TestHost> StartAsync(Action<DramatiqBuilder>? configure = null, FakeTimeProvider? clock = null) => TestHost.StartAsync(
        d =>
        {
            d.TimeProvider = clock ?? TimeProvider.System;
            d.AddActor("add", static (int x, int y) => x + y, static a => a.StoreResults())
                .AddActor("point", static () => new Point(1, "é"), static a => a.StoreResults())
                .AddActor("nothing", static () => { }, static a => a.StoreResults())
                .AddActor("fail", static void () => throw new InvalidOperationException("boom"), static a => a.StoreResults().MaxRetries(0))
                .AddActor("silent", static () => 1);
            configure?.Invoke(d);
        },
        akka: static akka => akka.WithInMemoryResults());

    [Fact]
    public async Task Value_must_be_had_by_the_handle()
    {
        await using var host = await StartAsync();
        Assert.Equal(3, await (await host.Queue.EnqueueAsync(new ActorCall("add", 1, 2))).GetResultAsync<int>(Eventually.Patience));
        Assert.Equal(new Point(1, "é"), await (await host.Queue.EnqueueAsync(new ActorCall("point"))).GetResultAsync<Point>(Eventually.Patience));
        Assert.Null(await (await host.Queue.EnqueueAsync(new ActorCall("nothing"))).GetResultAsync<string?>(Eventually.Patience));
        Assert.Equal("""{"x":1,"name":"\u00e9"}""", (await (await host.Queue.EnqueueAsync(new ActorCall("point"))).GetResultAsync<JsonText>(Eventually.Patience)).ToString());
        await (await host.Queue.EnqueueAsync(new ActorCall("nothing"))).GetResultAsync(Eventually.Patience);
    }

    [Fact]
    public async Task Value_must_be_had_by_the_answer_of_the_gateway()
    {
        await using var host = await StartAsync();
        var one = await host.Gateway.Ask<Enqueued>(new Enqueue(new ActorCall("add", 1, 2)));
        var many = await host.Gateway.Ask<EnqueuedMany>(new EnqueueMany([new ActorCall("add", 2, 2), new ActorCall("add", 3, 2)]));
        Assert.Equal(3, await one.GetResultAsync<int>(Eventually.Patience));
        var both = await Task.WhenAll(many.Results.Select(static result => result.Enqueued!.GetResultAsync<int>(Eventually.Patience)));
        Assert.Equal([4, 5], both);
    }

    [Fact]
    public async Task Value_must_be_had_by_id()
    {
        await using var host = await StartAsync();
        var results = host.Services.GetRequiredService<ITaskResults>();
        var enqueued = await host.Queue.EnqueueAsync(new Enqueue(new ActorCall("add", 1, 2)) { MessageId = "my-id" });
        Assert.Equal(3, await results.GetAsync<int>(new ResultKey("default", "add", "my-id"), Eventually.Patience));
        Assert.Equal(3, await results.GetAsync<int>(ResultKey.Of(enqueued), TimeSpan.Zero));
        Assert.Equal(3, (await results.TryGetAsync(ResultKey.Of(enqueued)))!.Value<int>());
        Assert.Null(await results.TryGetAsync(new ResultKey("default", "add", "another")));
        Assert.Same(host.Tasks.Results, results);
    }

    [Fact]
    public async Task Failure_must_be_told_with_the_original_type_and_message()
    {
        await using var host = await StartAsync();
        var enqueued = await host.Queue.EnqueueAsync(new ActorCall("fail"));
        var failure = await Assert.ThrowsAsync<ResultFailureException>(() => enqueued.GetResultAsync<int>(Eventually.Patience));
        Assert.Equal(("InvalidOperationException", "boom", ResultKey.Of(enqueued)), (failure.ErrorType, failure.ErrorMessage, failure.Key));
        Assert.Equal($"fail {enqueued.MessageId} on default failed: InvalidOperationException: boom", failure.Message);
        await Assert.ThrowsAsync<ResultFailureException>(() => enqueued.GetResultAsync(Eventually.Patience));
        var result = await host.Tasks.Results.WaitAsync(ResultKey.Of(enqueued), Eventually.Patience);
        Assert.Equal((false, "boom"), (result.IsSuccess, result.Failure!.ErrorMessage));
    }

    [Fact]
    public async Task Wait_that_takes_too_long_must_be_told_from_a_result_that_is_missing()
    {
        var clock = new FakeTimeProvider();
        await using var host = await StartAsync(static d => d.AddRemoteActor("elsewhere", "far"), clock);
        var enqueued = await host.Queue.EnqueueAsync(new ActorCall("elsewhere"));

        var missing = await Assert.ThrowsAsync<ResultMissingException>(() => enqueued.GetResultAsync<int>(TimeSpan.Zero));
        Assert.Equal($"There is no result of elsewhere {enqueued.MessageId} on far: the task has not ended, its result is not stored, or was not kept longer.", missing.Message);

        var waiting = enqueued.GetResultAsync<int>(TimeSpan.FromMinutes(1));
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(waiting.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        var late = await Assert.ThrowsAsync<ResultTimeoutException>(() => waiting);
        Assert.Equal(($"There was no result of elsewhere {enqueued.MessageId} on far within 1 min.", TimeSpan.FromMinutes(1)), (late.Message, late.Timeout));

        var patient = enqueued.GetResultAsync<int>();
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.FromSeconds(10), (await Assert.ThrowsAsync<ResultTimeoutException>(() => patient)).Timeout);
    }

    [Fact]
    public async Task Timeout_must_say_where_an_actor_stores_nothing()
    {
        var clock = new FakeTimeProvider();
        await using var host = await StartAsync(clock: clock);
        var waiting = (await host.Queue.EnqueueAsync(new ActorCall("silent"))).GetResultAsync<int>();
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.EndsWith("'silent' as declared here stores no results: StoreResults(), or the option store_results of the message.",
            (await Assert.ThrowsAsync<ResultTimeoutException>(() => waiting)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_must_end_with_its_token()
    {
        await using var host = await StartAsync();
        using var impatience = new CancellationTokenSource();
        var enqueued = await host.Queue.EnqueueAsync(new ActorCall("silent"));
        Task[] waits = [enqueued.GetResultAsync<int>(Timeout.InfiniteTimeSpan, impatience.Token), enqueued.GetResultAsync<int>(TimeSpan.FromHours(1), impatience.Token)];
        await impatience.CancelAsync();
        foreach (var wait in waits)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => enqueued.GetResultAsync<int>(TimeSpan.FromSeconds(-5)));
    }

    [Fact]
    public async Task Value_that_does_not_fit_the_type_must_be_told_as_such()
    {
        await using var host = await StartAsync();
        var enqueued = await host.Queue.EnqueueAsync(new ActorCall("point"));
        await Assert.ThrowsAsync<WireTypeException>(() => enqueued.GetResultAsync<int>(Eventually.Patience));
    }

    [Fact]
    public async Task Handle_must_be_what_it_names_and_nothing_more()
    {
        await using var host = await StartAsync();
        var enqueued = await host.Queue.EnqueueAsync(new Enqueue(new ActorCall("add", 1, 2)) { MessageId = "my-id" });
        var made = new Enqueued("my-id", "default", "add");
        Assert.Equal(made, enqueued);
        Assert.Equal(made.GetHashCode(), enqueued.GetHashCode());
        Assert.NotEqual(made with { MessageId = "another" }, enqueued);
        Assert.Equal(made.ToString(), enqueued.ToString());

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => made.GetResultAsync<int>());
        Assert.Contains("results.GetAsync<T>(ResultKey.Of(enqueued))", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, await host.Tasks.Results.GetAsync<int>(ResultKey.Of(made), Eventually.Patience));
    }

    [Fact]
    public async Task Handle_must_travel_without_what_belongs_to_its_process()
    {
        await using var host = await StartAsync();
        var enqueued = await host.Queue.EnqueueAsync(new ActorCall("add", 1, 2));
        var serializer = host.System.Serialization.FindSerializerFor(enqueued);
        var copy = Assert.IsType<Enqueued>(serializer.FromBinary<Enqueued>(serializer.ToBinary(enqueued)));
        Assert.Equal(enqueued, copy);
        await Assert.ThrowsAsync<InvalidOperationException>(() => copy.GetResultAsync<int>());
    }

    [Fact]
    public async Task Reading_must_say_how_to_name_a_store_where_there_is_none()
    {
        await using var host = await TestHost.StartAsync(static d => d.AddActor("work", static () => 1));
        var enqueued = await host.Queue.EnqueueAsync(new ActorCall("work"));
        var error = await Assert.ThrowsAsync<DeclarationException>(() => enqueued.GetResultAsync<int>());
        Assert.Contains("WithInMemoryResults()", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Systems_must_be_able_to_share_one_memory()
    {
        await using var shared = new InMemoryResultBackend();
        await using var worker = await TestHost.StartAsync(static d => d.AddActor("add", static (int x, int y) => x + y, static a => a.StoreResults()), akka: akka => akka.WithInMemoryResults(shared));
        await using var sender = await TestHost.StartAsync(static d => d.AddRemoteActor("add", "default"), worker.Broker, akka: akka => akka.WithInMemoryResults(shared));
        Assert.Equal(3, await (await sender.Queue.EnqueueAsync(new ActorCall("add", 1, 2))).GetResultAsync<int>(Eventually.Patience));
    }
}
