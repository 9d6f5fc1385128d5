using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.Composition;
using Dramatiq.Akka.Tests.EndToEnd;
using static Dramatiq.Akka.Tests.Composition.CompositionHost;

namespace Dramatiq.Akka.Tests.Stages.GroupCallbacks;

/// <summary>What a message says of its groups and nobody can read buries it before it runs, and takes no neighbour along.</summary>
public sealed class BadOptionsSpec
{
    [Theory]
    [InlineData("""{"group_memberships":"none"}""", "its group_memberships cannot be read: ")]
    [InlineData("""{"group_memberships":[{"from":0,"count":1}]}""", "its group_memberships cannot be read: ")]
    [InlineData("""{"group_memberships":[{"id":"a","count":"many"}]}""", "its group_memberships cannot be read: ")]
    [InlineData("""{"group_members":{"args":0,"barriers":[["a"]],"messages":[]}}""", "what it says of its group cannot be read: ")]
    [InlineData("""{"group_members":{"args":0,"barriers":[],"messages":["no message"]}}""", "what it says of its group cannot be read: ")]
    [InlineData("""{"group_results":{"id":"a"}}""", "what it says of its group cannot be read: ")]
    [InlineData("""{"group_results":{"id":"a","of":[["default","twice"]]}}""", "what it says of its group cannot be read: ")]
    public async Task Message_must_be_buried_before_it_runs(string options, string reason)
    {
        await using var host = await StartAsync();
        await host.Virtual.EnqueueAsync(Say("bad"), options);
        await host.Virtual.EnqueueAsync(Say("good"));
        await host.Virtual.JoinAsync(failFast: false);

        Assert.Equal(["\"good\""], host.Seen.All);
        Assert.StartsWith(reason, host.Virtual.DeadNote().GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Callbacks_that_are_no_messages_must_not_keep_the_member_from_ending()
    {
        await using var host = await StartAsync();
        await host.Counters.AddAsync("group", 1, TimeSpan.FromDays(1), default);
        await host.Virtual.EnqueueAsync(Say("member"), """{"group_completion_uuid":"group","group_completion_callbacks":["no message"]}""");
        await host.Virtual.JoinAsync();

        Assert.Equal(["\"member\""], host.Seen.All);
        Assert.Empty(host.Virtual.Broker.DeadLetters());
        await host.Virtual.Log.FirstAsync("what it says of its group cannot be read, so its end is not counted");
    }

    [Fact]
    public async Task Message_that_is_there_already_must_go_as_it_is_to_the_queue_itself()
    {
        await using var host = await StartAsync();
        var message = new Message("default.DQ", "say", "[1]"u8.ToArray(), "{}"u8.ToArray(), VirtualHost.Options("""{"eta":1,"custom":[1]}"""), "its-own", 5);
        await host.Queue.EnqueueAsync(new Enqueue(message) { Options = VirtualHost.Options("""{"more":true}""") });
        await host.Virtual.JoinAsync();

        var taken = Assert.Single(host.Taken.All);
        Assert.Equal(("default", "its-own", 5L, """{"custom":[1],"more":true}"""), (taken.QueueName, taken.MessageId, taken.MessageTimestamp, Text(taken.Options)));
    }

    private static string Text(MessageOptions options)
    {
        var writer = new WireWriter();
        options.WriteTo(writer);
        return System.Text.Encoding.UTF8.GetString(writer.Written);
    }
}
