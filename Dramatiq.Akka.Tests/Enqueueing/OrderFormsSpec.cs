using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using static Dramatiq.Akka.Tests.Enqueueing.GatewayHost;

namespace Dramatiq.Akka.Tests.Enqueueing;

public sealed class OrderFormsSpec
{
    private static readonly TimeSpan Soon = EndToEnd.Eventually.Patience;

    private static string Text(ReadOnlyMemory<byte> json) => System.Text.Encoding.UTF8.GetString(json.Span);

    [Fact]
    public async Task Gateway_must_take_a_task_that_is_told()
    {
        await using var host = await StartAsync();
        host.Host.Gateway.Tell(new Greet("Ann", 2), ActorRefs.NoSender);
        await EndToEnd.Eventually.AssertAsync(() => Assert.Single(host.Broker.Calls));

        var sent = host.Broker.Calls[0][0];
        Assert.Equal(("greetings", "greet", "[\"Ann\",2]", "{}", null), (sent.Message.QueueName, sent.Message.ActorName, Text(sent.Message.Args), Text(sent.Message.Kwargs), sent.Eta));
        Assert.Equal(host.Clock.GetUtcNow().ToUnixTimeMilliseconds(), sent.Message.MessageTimestamp);
        Assert.Equal(["greetings"], host.Broker.Declared);
    }

    [Fact]
    public async Task Gateway_must_confirm_an_order_with_options_and_id()
    {
        await using var host = await StartAsync();
        var enqueued = await host.Host.Gateway.Ask<Enqueued>(
            new Enqueue(new Greet("Ann")) { MessageId = "my-id", Options = MessageOptions.Empty.With("max_retries", 3) }, Soon);

        Assert.Equal(new Enqueued("my-id", "greetings", "greet"), enqueued);
        Assert.Equal("my-id", host.Broker.Calls[0][0].Message.MessageId);
        Assert.True(host.Broker.Calls[0][0].Message.Options.TryGetInt64("max_retries", out var retries));
        Assert.Equal(3, retries);
    }

    [Fact]
    public async Task Gateway_must_turn_Delay_and_At_into_an_eta()
    {
        await using var host = await StartAsync();
        var now = host.Clock.GetUtcNow();
        await host.Queue.EnqueueAsync(new Greet("delay"), TimeSpan.FromMinutes(5));
        await host.Queue.EnqueueAsync(new Enqueue(new Greet("at")) { At = now.AddHours(1) });
        await host.Queue.EnqueueAsync(new Enqueue(new Greet("past")) { At = now.AddHours(-1) });
        await host.Queue.EnqueueAsync(new Enqueue(new Greet("zero")) { Delay = TimeSpan.Zero });

        Assert.Equal([now.AddMinutes(5).ToUnixTimeMilliseconds(), now.AddHours(1).ToUnixTimeMilliseconds(), null, null],
            host.Broker.Calls.SelectMany(static call => call).Select(static sent => sent.Eta));
    }

    [Fact]
    public async Task Gateway_must_write_the_arguments_of_an_actor_call()
    {
        await using var host = await StartAsync();
        await host.Queue.EnqueueAsync(new ActorCall("remote", 1, "two", null) { Kwargs = new Dictionary<string, object?> { ["three"] = true } });
        await host.Queue.EnqueueAsync(new ActorCall("python_only") { Queue = "elsewhere", JsonArgs = new JsonText("[1, {\"a\": 2}]") });

        var first = host.Broker.Calls[0][0].Message;
        var second = host.Broker.Calls[1][0].Message;
        Assert.Equal(("far", "[1,\"two\",null]", "{\"three\":true}"), (first.QueueName, Text(first.Args), Text(first.Kwargs)));
        Assert.Equal(("elsewhere", "python_only"), (second.QueueName, second.ActorName));
        Assert.Equal("[1,{\"a\":2}]", Text(second.Args).Replace(" ", "", StringComparison.Ordinal));
    }

    public static TheoryData<object, string> Mistakes => new()
    {
        { new Enqueue(new Greet("x")) { Delay = TimeSpan.FromSeconds(1), At = DateTimeOffset.UnixEpoch }, "Enqueue was given both Delay and At. Set one of them." },
        { new Enqueue(new Greet("x")) { Delay = TimeSpan.FromSeconds(-1) }, "Enqueue.Delay must be 0 or more, and was -00:00:01." },
        { new Enqueue(null!), "Enqueue.Task is null, or a list of tasks holds null. Give it a task of a declared type, or an ActorCall." },
        { new Enqueue(new Greet("x")) { Options = null! }, "Enqueue.Options is null. Leave it out, or give it MessageOptions.Empty." },
        { new Uri("http://x"), "Uri is no declared task (known: greet, remote). Declare it with AddTask<Uri>(), or with Handles<Uri>() on the actor that runs it." },
        { new ActorCall("nobody"), "Actor 'nobody' is not declared here (known: greet, remote). Name its queue: new ActorCall(…) { Queue = \"…\" }." },
        { new ActorCall("nobody") { Queue = "1 2" }, "'1 2' is no queue name: it must start with a letter or an underscore, and go on with letters, digits, dots, dashes or underscores." },
        { new ActorCall("remote") { JsonArgs = new JsonText("{}") }, "The arguments of 'remote' cannot be written as JSON: JsonArgs must be a JSON array." },
    };

    [Theory]
    [MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public async Task Gateway_must_say_what_is_wrong_with_an_order(object order, string text)
    {
        await using var host = await StartAsync();
        Assert.Equal(text, (await Assert.ThrowsAsync<EnqueueFailedException>(() => host.Queue.EnqueueAsync(order))).Message);
        await host.Queue.EnqueueAsync(new Greet("still here"));
    }

    [Fact]
    public async Task Gateway_must_refuse_what_it_cannot_write_and_live()
    {
        await using var host = await StartAsync();
        var failed = await Assert.ThrowsAsync<EnqueueFailedException>(() => host.Queue.EnqueueAsync(new ActorCall("remote", new Action(() => { }))));
        Assert.StartsWith("The arguments of 'remote' cannot be written as JSON: ", failed.Message, StringComparison.Ordinal);
        await host.Queue.EnqueueAsync(new Greet("still here"));
    }

    [Fact]
    public async Task Gateway_must_answer_for_each_of_many()
    {
        await using var host = await StartAsync();
        host.Broker.OnPublish = (call, _) => ValueTask.FromResult(NameIn(call[0]) == "refused"
            ? PublishOutcome.Failed([new BrokerException("too large")])
            : PublishOutcome.Confirmed);
        var many = await host.Host.Gateway.Ask<EnqueuedMany>(
            new EnqueueMany([new Greet("a"), new ActorCall("nobody"), new Enqueue(new Greet("refused")) { MessageId = "r" }, new Enqueue(new Greet("b")) { MessageId = "b" }]), Soon);

        Assert.False(many.AllEnqueued);
        Assert.Equal([true, false, false, true], many.Results.Select(static result => result.Enqueued is not null));
        Assert.Equal("greet r was not enqueued on greetings: the broker refused it: too large.", many.Results[2].Error!.Message);
        Assert.Equal("r", many.Results[2].Error!.MessageId);
        Assert.Equal("b", many.Results[3].Enqueued!.MessageId);
        Assert.Empty((await host.Host.Gateway.Ask<EnqueuedMany>(new EnqueueMany([]), Soon)).Results);
    }

    [Fact]
    public async Task Gateway_must_answer_an_order_for_many_that_is_null_and_keep_what_waits()
    {
        await using var host = await StartAsync();
        var confirming = new TaskCompletionSource<PublishOutcome>();
        host.Broker.OnPublish = (_, _) => new(confirming.Task);
        var waiting = host.Queue.EnqueueAsync(new Greet("waits"));
        var failed = await Assert.ThrowsAsync<EnqueueFailedException>(() => host.Host.Gateway.Ask<EnqueuedMany>(new EnqueueMany(null!), Soon));
        Assert.Equal("EnqueueMany.Tasks is null. Give it a list of tasks, which may be empty.", failed.Message);
        host.Host.Gateway.Tell(new EnqueueMany(null!), ActorRefs.NoSender);
        await host.Log.OneAsync("Not enqueued: EnqueueMany.Tasks is null.");

        confirming.SetResult(PublishOutcome.Confirmed);
        await waiting.WaitAsync(Soon);   // a gateway that had started anew would have failed it
    }

    [Fact]
    public async Task Gateway_must_answer_for_the_null_among_many_and_enqueue_the_others()
    {
        await using var host = await StartAsync();
        var many = await host.Host.Gateway.Ask<EnqueuedMany>(new EnqueueMany([new Greet("a"), null!, new Enqueue(null!), new Greet("b")]), Soon);

        Assert.Equal([true, false, false, true], many.Results.Select(static result => result.Enqueued is not null));
        Assert.All(many.Results.Skip(1).Take(2), static result => Assert.StartsWith("Enqueue.Task is null, or a list of tasks holds null.", result.Error!.Message, StringComparison.Ordinal));
        Assert.Equal(["a", "b"], host.Names());
    }

    [Fact]
    public async Task Task_queue_must_enqueue_any_number_in_order()
    {
        await using var host = await StartAsync();
        var enqueued = await host.Queue.EnqueueManyAsync(Enumerable.Range(0, 25_000).Select(static i => (object)new Greet($"{i}")));

        Assert.Equal(25_000, enqueued.Count);
        Assert.Equal(Enumerable.Range(0, 25_000).Select(static i => $"{i}"), host.Names());
    }

    [Fact]
    public async Task Failure_of_what_was_told_must_be_logged()
    {
        await using var host = await StartAsync();
        host.Host.Gateway.Tell(new ActorCall("nobody"), ActorRefs.NoSender);
        await host.Log.OneAsync("Not enqueued: Actor 'nobody' is not declared here (known: greet, remote). Name its queue:");
        host.Broker.OnPublish = static (_, _) => throw new BrokerException("closed for good");
        host.Host.Gateway.Tell(new Enqueue(new Greet("x")) { MessageId = "told" }, ActorRefs.NoSender);   // a sender would be told instead
        await host.Log.OneAsync("greet told was not enqueued on greetings: the broker refused it: closed for good.");
    }
}
