using Dramatiq.Akka.Composition;
using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.Contracts;
using Dramatiq.Akka.Tests.EndToEnd;
using Dramatiq.Akka.Tests.Messages;
using Microsoft.Extensions.Time.Testing;
using static Dramatiq.Akka.Tests.Composition.CompositionHost;

namespace Dramatiq.Akka.Tests.Composition;

/// <summary>What goes out is what Python's Dramatiq writes, and what it wrote runs.</summary>
public sealed class WireSpec
{
    private static readonly DateTimeOffset Recorded = DateTimeOffset.FromUnixTimeMilliseconds(1795354555835);

    [Fact]
    public async Task Pipeline_must_be_written_as_python_writes_it()
    {
        var linked = await LinkAsync(
            new Enqueue(new ActorCall("count_words", "a")) { MessageId = "cae60346-6a68-4a71-ba16-ae27f2d6fd8f" }
            | new Enqueue(new ActorCall("everything")) { MessageId = "59d265dd-0421-4a1c-96ac-518d8e9bdb5c" }
            | new Enqueue(new ActorCall("everything", 9)) { MessageId = "ee4d345f-2916-4ea9-a43b-56eb26da8f79", Options = MessageOptions.Empty.With(OptionNames.PipeIgnore, true) });

        Assert.Equal(MessageVectors.Wire("pipeline-head"), Text(Assert.Single(linked.Messages)));
        Assert.Empty(linked.Barriers);
    }

    [Fact]
    public async Task Group_must_be_written_as_python_writes_it()
    {
        var linked = await LinkAsync(
            Group.Of(
                new Enqueue(new ActorCall("add", 1, 1) { Queue = "math" }) { MessageId = "6b825a90-eaae-4af8-8c8b-8d6ce7ab62c1" },
                new Enqueue(new ActorCall("add", 2, 2) { Queue = "math" }) { MessageId = "cdcabad5-5240-43ed-9772-5f00a845d712" })
                .AddCompletionCallback(new Enqueue(new ActorCall("count_words", "done")) { MessageId = "0f8879cb-85d7-4f83-998f-0289f2561e0f" }));

        var (id, parties) = Assert.Single(linked.Barriers);
        Assert.Equal(2, parties);
        Assert.Equal(
            [MessageVectors.Wire("group-child-0"), MessageVectors.Wire("group-child-1")],
            linked.Messages.Select(message => Text(message).Replace(id, "35e8ad60-c1d0-487b-8357-6504de827550", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Group_that_python_started_must_be_completed_here()
    {
        var words = new Feed<string>();
        await using var host = await StartAsync(d => d
            .AddActor("plus", static (long x, long y) => x + y, static a => a.Name("sum_up").Queue("math"))
            .AddActor("count_words", (string url) => words.Add(url)));
        await host.Counters.AddAsync("35e8ad60-c1d0-487b-8357-6504de827550", 2, TimeSpan.FromDays(1), default);
        foreach (var child in new[] { "group-child-0", "group-child-1" })
            await host.Queue.EnqueueAsync(Message.Decode(System.Text.Encoding.UTF8.GetBytes(MessageVectors.Wire(child).Replace("\"add\"", "\"sum_up\"", StringComparison.Ordinal))));
        await host.Virtual.JoinAsync("math");
        await host.Virtual.JoinAsync();

        Assert.Equal(["done"], words.All);
    }

    [Fact]
    public async Task Group_must_be_completed_here_when_python_was_first()
    {
        await using var host = await StartAsync();
        await host.Queue.RunAsync(Group.Of(new Enqueue(Twice(1)) { Delay = TimeSpan.FromHours(1) }, new ActorCall("theirs") { Queue = "python" }).AddCompletionCallback(Say("done")));

        Assert.True(await host.Counters.DecrementAsync(await GroupAsync(host), 1, 1, TimeSpan.FromDays(1), default));
        await host.Virtual.JoinAsync();

        Assert.Equal(["\"done\""], host.Seen.All);
    }

    [Fact]
    public async Task Group_must_be_left_to_python_when_python_is_last()
    {
        await using var host = await StartAsync();
        var ours = new Enqueue(Twice(1)) { MessageId = "ours" };
        await host.Queue.RunAsync(Group.Of(ours, new ActorCall("theirs") { Queue = "python" }).AddCompletionCallback(Say("done")));
        await host.Virtual.JoinAsync();

        // The counter stays at 1 for whoever is last: so Python knows that it is to publish the callback, and announces that the barrier is reached.
        var group = await GroupAsync(host);
        Assert.False(await host.Counters.DecrementAsync(group, 1, 1, TimeSpan.FromDays(1), default));
        await host.Counters.NotifyAsync(group, TimeSpan.FromDays(1), default);
        Assert.Empty(host.Seen.All);
    }

    [Fact]
    public async Task Wanted_results_must_be_named_in_few_bytes_however_many_they_are()
    {
        var linked = await LinkAsync(Group.Of(Enumerable.Range(0, 1_000).Select(static i => new ActorCall("add", i, i) { Queue = "math" })) | new ActorCall("everything"));

        Assert.All(linked.Messages, static message => Assert.InRange(message.Encode().Length, 1, 1_000));
        Assert.Equal(1_000, linked.Messages.Select(static message => message.MessageId).Distinct().Count());
        Assert.All(linked.Messages, static message => Assert.True(Guid.TryParse(message.MessageId, out _)));
        Assert.All(linked.Messages, static message => Assert.True(message.Options.TryGetInt64(OptionNames.ResultTtl, out var ttl) && ttl == 86_400_000));
    }

    private static async Task<string> GroupAsync(CompositionHost host)
    {
        var theirs = Message.Decode(Assert.Single(await host.Virtual.Broker.PeekBodiesAsync("python")));
        Assert.True(theirs.Options.TryGetString(OptionNames.GroupCompletionUuid, out var group));
        return group;
    }

    private static string Text(Message message) => System.Text.Encoding.UTF8.GetString(message.Encode());

    private static async Task<Linked> LinkAsync(object part)
    {
        await using var host = await TestHost.StartAsync(static d => d.AddRemoteActor("count_words", "default").AddRemoteActor("everything", "default"));
        var declarations = host.Tasks.Declarations;
        var factory = new MessageFactory(declarations, WireJson.Default, new FakeTimeProvider(Recorded));
        return new Linker(TimeSpan.FromDays(1)).Link(new NodeReader(factory, declarations).Read(part));
    }
}
