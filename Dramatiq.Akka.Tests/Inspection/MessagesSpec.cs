using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Inspection;

public sealed class MessagesSpec
{
    private static async Task<string[]> ArgumentsAsync(InspectionHost host, MessagePlace place, MessageFilter? filter = null) =>
        [.. (await host.AskAsync(new GetMessages("default", place) { Filter = filter })).Messages.Select(static message => message.Arguments)];

    [Fact]
    public async Task Messages_must_be_told_by_place_and_page()
    {
        await using var host = await InspectionHost.StartAsync(prefetch: 2);
        await host.EnqueueManyAsync("wait", 8);
        await host.EnqueueAsync("wait", "later", TimeSpan.FromHours(1));
        await Eventually.AssertAsync(async () => Assert.Equal(["\"wait0\"", "\"wait1\""], await ArgumentsAsync(host, MessagePlace.InHand)));
        var page = await host.AskAsync(new GetMessages("default", MessagePlace.Ready, Count: 4));
        Assert.Equal(["\"wait2\"", "\"wait3\"", "\"wait4\"", "\"wait5\""], page.Messages.Select(static message => message.Arguments));
        Assert.Equal((4, false, 4), (page.LookedAt, page.IsComplete, page.NextOffset));
        var rest = await host.AskAsync(new GetMessages("default", MessagePlace.Ready, page.NextOffset!.Value, 4));
        Assert.Equal((2, true, null), (rest.Messages.Count, rest.IsComplete, rest.NextOffset));
        var later = Assert.Single((await host.AskAsync(new GetMessages("default", MessagePlace.Delayed))).Messages);
        Assert.InRange(later.Due!.Value - later.CreatedAt!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));
        await host.RefusedAsync(new GetMessages("default", MessagePlace.Ready, -1), InspectionFailure.Invalid);
        await host.RefusedAsync(new GetMessages("default", MessagePlace.Ready, 0, 100_000), InspectionFailure.Invalid);
        await host.RefusedAsync(new GetMessages("default", MessagePlace.Ready) { LookFor = Timeout.InfiniteTimeSpan }, InspectionFailure.Invalid);
        Assert.Throws<ArgumentOutOfRangeException>(static () => new Dramatiq.Akka.Brokers.PeekRequest(0, 1) { LookFor = Timeout.InfiniteTimeSpan });
        await host.RefusedAsync(new GetMessages("nowhere", MessagePlace.Ready), InspectionFailure.UnknownQueue);
    }

    [Fact]
    public async Task Filter_must_find_by_actor_id_text_and_reason()
    {
        await using var host = await InspectionHost.StartAsync();
        await host.BuryAsync("no Ärger", "disk FULL", "disk slow");
        Assert.Equal(3, (await ArgumentsAsync(host, MessagePlace.Dead, new MessageFilter { ActorName = "fail" })).Length);
        Assert.Empty(await ArgumentsAsync(host, MessagePlace.Dead, new MessageFilter { ActorName = "wait" }));
        Assert.Equal(["\"disk FULL\"", "\"disk slow\""], await ArgumentsAsync(host, MessagePlace.Dead, new MessageFilter { Text = "Disk" }));
        Assert.Equal(["\"no Ärger\""], await ArgumentsAsync(host, MessagePlace.Dead, new MessageFilter { Text = "ÄRGER" }));
        Assert.Equal(["\"disk FULL\""], await ArgumentsAsync(host, MessagePlace.Dead, new MessageFilter { Reason = "full" }));
        Assert.Equal(3, (await ArgumentsAsync(host, MessagePlace.Dead, new MessageFilter { Reason = "invalidoperation" })).Length);
        var letter = (await host.AskAsync(new GetMessages("default", MessagePlace.Dead, 1))).Messages[0];
        Assert.Equal(["\"disk FULL\""], await ArgumentsAsync(host, MessagePlace.Dead, new MessageFilter { MessageId = letter.MessageId }));
        Assert.Equal(new MessageCount(2, 3, true, default), await host.AskAsync(new CountMessages("default", MessagePlace.Dead, new MessageFilter { Text = "disk" })) with { AsOf = default });
        Assert.Equal(3, (await host.AskAsync(new CountMessages("default", MessagePlace.Dead))).Count);
    }

    [Fact]
    public async Task Empty_text_must_be_no_filter_for_everything()
    {
        await using var host = await InspectionHost.StartAsync();
        await host.BuryAsync("one", "two");
        foreach (var (name, filter) in new (string, MessageFilter)[]
        {
            ("actorName", new() { ActorName = "" }), ("messageId", new() { MessageId = "" }), ("text", new() { Text = "" }), ("reason", new() { Reason = "", ActorName = "fail" }),
        })
        {
            var error = await host.RefusedAsync(new DeleteMessages("default", MessagePlace.Dead) { Filter = filter }, InspectionFailure.Invalid);
            Assert.Equal($"The filter's '{name}' is empty. Leave it out, or say what to look for.", error.Message);
            await host.RefusedAsync(new RequeueDead("default") { Filter = filter }, InspectionFailure.Invalid);
            await host.RefusedAsync(new RunNow("default") { Filter = filter }, InspectionFailure.Invalid);
            await host.RefusedAsync(new CountMessages("default", MessagePlace.Dead, filter), InspectionFailure.Invalid);
            await host.RefusedAsync(new GetMessages("default", MessagePlace.Dead) { Filter = filter }, InspectionFailure.Invalid);
        }

        Assert.Equal(2, (await host.AskAsync(new GetQueue("default"))).Dead);
    }

    [Fact]
    public async Task Letter_without_a_note_must_be_spared_by_an_order_for_those_that_died_before()
    {
        var before = TimeProvider.System.GetUtcNow();
        await using var host = await InspectionHost.StartAsync();
        await host.Host.Tasks.PauseQueueAsync("default");
        await host.EnqueueAsync("fail", "as Python leaves it");
        var reader = Contracts.DeliveryReader.Start(host.Host.Broker, "default", 1, global::Akka.Streams.ActorMaterializerExtensions.Materializer(host.Host.System));
        await reader.SettleAsync(Settlement.DeadLetter(await reader.ReadAsync(), default, null));
        await reader.CloseAsync();
        Assert.Empty(await ArgumentsAsync(host, MessagePlace.Dead, new MessageFilter { DiedUntil = before }));
        Assert.Equal(0, (await host.AskAsync(new DeleteMessages("default", MessagePlace.Dead) { Filter = new MessageFilter { DiedUntil = before } })).Count);
        Assert.Equal(1, (await host.AskAsync(new DeleteMessages("default", MessagePlace.Dead) { Filter = new MessageFilter { DiedUntil = TimeProvider.System.GetUtcNow() } })).Count);
    }

    [Fact]
    public async Task Message_must_be_shown_whole()
    {
        await using var host = await InspectionHost.StartAsync();
        await host.BuryAsync("no luck");
        var key = (await host.AskAsync(new GetMessages("default", MessagePlace.Dead))).Messages[0];
        var found = await host.AskAsync(new GetMessage(key.MessageId!));
        var message = found.Message!;
        Assert.Equal((MessagePlace.Dead, "default", key.Key, 1), (message.Place, message.Queue, message.Summary.Key, message.Attempts));
        Assert.Equal(("[\"no luck\"]", "{}"), (message.Args, message.Kwargs));
        Assert.Equal(("InvalidOperationException", "no luck"), (message.ErrorType, message.ErrorMessage));
        Assert.Contains("at Dramatiq.Akka.Tests.Inspection.InspectionHost", message.Traceback, StringComparison.Ordinal);
        Assert.Contains("dead_letter", message.Options.Keys);
        Assert.NotNull(message.Summary.DiedAt);

        var running = await host.EnqueueAsync("wait", "x");
        await Eventually.AssertAsync(async () =>
        {
            var held = (await host.AskAsync(new GetMessage(running.MessageId))).Message;
            Assert.Equal((MessagePlace.InHand, running.MessageId, "wait"), (held!.Place, held.Worker!.MessageId, held.Worker.ActorName));
        });
        var none = await host.AskAsync(new GetMessage("nobody"));
        Assert.Equal((null, true), (none.Message, none.IsComplete));
    }

    [Fact]
    public async Task Body_that_is_no_message_must_be_shown_and_dropped_and_harm_nobody()
    {
        await using var host = await InspectionHost.StartAsync();
        await host.BuryAsync("before");
        await host.Host.Tasks.PauseQueueAsync("default");
        var system = host.Host.System;
        await host.EnqueueAsync("fail", "after");
        var reader = Contracts.DeliveryReader.Start(host.Host.Broker, "default", 1, global::Akka.Streams.ActorMaterializerExtensions.Materializer(system));
        await reader.SettleAsync(Settlement.DeadLetter(await reader.ReadAsync(), "<script>\u0000"u8.ToArray(), null));
        await reader.CloseAsync();

        var letters = (await host.AskAsync(new GetMessages("default", MessagePlace.Dead))).Messages;
        Assert.Equal(("<script>\0", null, null), (letters[1].Arguments, letters[1].MessageId, letters[1].ActorName));
        var shown = (await host.AskAsync(new GetMessage(letters[1].Key) { Queue = "default", Place = MessagePlace.Dead })).Message!;
        Assert.StartsWith("it is no message: ", shown.Problem, StringComparison.Ordinal);
        Assert.Equal(1, (await host.AskAsync(new RequeueDead("default") { Filter = new MessageFilter() })).Count);
        Assert.Equal(1, (await host.AskAsync(new DeleteMessages("default", MessagePlace.Dead) { Ids = [letters[1].Key] })).Count);
        Assert.Equal(0, (await host.AskAsync(new GetQueue("default"))).Dead);
    }

    [Fact]
    public async Task Dead_letters_must_be_requeued_and_dropped_by_filter()
    {
        await using var host = await InspectionHost.StartAsync();
        await host.BuryAsync([.. Enumerable.Range(0, 50).Select(static i => i % 2 == 0 ? $"even {i}" : $"odd {i}")]);
        var count = await host.AskAsync(new CountMessages("default", MessagePlace.Dead, new MessageFilter { Text = "odd" }));
        Assert.Equal(25, count.Count);
        Assert.Equal(new MessagesAnswer(25, true), await host.AskAsync(new DeleteMessages("default", MessagePlace.Dead) { Filter = new MessageFilter { Text = "odd", DiedUntil = count.AsOf } }));

        // Each fails again: what dies while the order goes on is not taken once more.
        var both = await Task.WhenAll(
            host.AskAsync(new RequeueDead("default") { Filter = new MessageFilter { Text = "even", DiedUntil = count.AsOf } }),
            host.AskAsync(new RequeueDead("default") { Filter = new MessageFilter { Text = "even", DiedUntil = count.AsOf } }));
        Assert.Equal(25, both.Sum(static one => one.Count));
        await host.Host.JoinAsync(failFast: false);
        Assert.Equal(25, (await host.AskAsync(new GetQueue("default"))).Dead);
        await host.RefusedAsync(new RequeueDead("default"), InspectionFailure.Invalid);
        await host.RefusedAsync(new RequeueDead("default") { Ids = [], Filter = new MessageFilter() }, InspectionFailure.Invalid);
        await host.RefusedAsync(new DeleteMessages("default", MessagePlace.InHand) { Filter = new MessageFilter() }, InspectionFailure.Invalid);
    }

    [Fact]
    public async Task Delayed_message_must_run_now_or_be_dropped_though_a_consumer_holds_it()
    {
        await using var host = await InspectionHost.StartAsync();
        var run = await host.EnqueueAsync("fail", "now", TimeSpan.FromHours(1));
        var drop = await host.EnqueueAsync("fail", "never", TimeSpan.FromHours(2));
        await host.EnqueueAsync("fail", "later", TimeSpan.FromHours(3));
        await Eventually.AssertAsync(async () => Assert.Equal(3, (await host.AskAsync(new GetQueue("default"))).DelayConsumer!.InFlight));
        var key = (await host.AskAsync(new GetMessages("default", MessagePlace.Delayed))).Messages.Single(message => message.MessageId == drop.MessageId).Key;
        Assert.Equal(1, (await host.AskAsync(new RunNow("default") { Ids = [run.MessageId, "nobody"] })).Count);
        Assert.Equal(1, (await host.AskAsync(new DeleteMessages("default", MessagePlace.Delayed) { Ids = [key] })).Count);
        await Eventually.AssertAsync(async () => Assert.Equal((1, 1), await host.AskAsync(new GetQueue("default")) is var queue ? (queue.Delayed, queue.Dead) : default));
        Assert.Equal("\"later\"", Assert.Single(await ArgumentsAsync(host, MessagePlace.Delayed)));
        var first = await host.EnqueueAsync("fail", "by filter", TimeSpan.FromHours(3));
        Assert.Equal(1, (await host.AskAsync(new RunNow("default") { Filter = new MessageFilter { Text = "by filter" } })).Count);
        await Eventually.AssertAsync(async () => Assert.Equal((1, 2), await host.AskAsync(new GetQueue("default")) is var queue ? (queue.Delayed, queue.Dead) : default));
        Assert.Equal(MessagePlace.Dead, (await host.AskAsync(new GetMessage(first.MessageId))).Message!.Place);
        Assert.Equal(1, (await host.AskAsync(new PurgeQueue("default", MessagePlace.Delayed))).Count);
    }

    [Fact]
    public async Task Message_must_be_enqueued_with_arguments_options_and_delay()
    {
        await using var host = await InspectionHost.StartAsync();
        await host.Host.Tasks.PauseQueueAsync("sums");
        var now = await host.AskAsync(new EnqueueMessage("add", "[1]") { Kwargs = "{\"y\": 2}", Options = "{\"max_retries\": 7}" });
        Assert.Equal(("sums", "add"), (now.Queue, now.ActorName));
        var message = (await host.AskAsync(new GetMessage(now.MessageId))).Message!;
        Assert.Equal(("[1]", "2", "7"), (message.Args, MessageOptions.Decode(System.Text.Encoding.UTF8.GetBytes(message.Kwargs!)).TryGetInt64("y", out var y) ? $"{y}" : null, message.Options["max_retries"]));
        await host.AskAsync(new EnqueueMessage("add", "[3,4]") { DelayMs = 3_600_000 });
        Assert.Equal(1, (await host.AskAsync(new GetQueue("sums"))).Delayed);
        await host.RefusedAsync(new EnqueueMessage("add", "[1") { Queue = "sums" }, InspectionFailure.Invalid);
        await host.RefusedAsync(new EnqueueMessage("add", "{}"), InspectionFailure.Refused);
        await host.RefusedAsync(new EnqueueMessage("nobody"), InspectionFailure.Refused);
        await host.RefusedAsync(new EnqueueMessage("add", "[]") { DelayMs = -1 }, InspectionFailure.Invalid);
    }
}
