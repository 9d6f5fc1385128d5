using System.Diagnostics;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka.Tests.Telemetry;

[Collection(Alone.Name)]
public sealed class TracingSpec
{
    private const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private readonly Feed<Activity?> _seen = new();

    public sealed record Look(bool Await);

    public sealed record LookNow;

    [Theory]
    [InlineData("await")]
    [InlineData("tell")]
    [InlineData("ask")]
    [InlineData("many")]
    public async Task Attempt_must_be_a_part_of_its_enqueueing_and_that_of_what_the_caller_did(string way)
    {
        using var spans = new Spans();
        await using var host = await StartAsync();
        ActivityContext caller;
        using (var ambient = Spans.Caller.StartActivity("request")!)
        {
            caller = ambient.Context;
            var task = new ActorCall("sync");
            switch (way)
            {
                case "await": await host.Host.Queue.EnqueueAsync(task); break;
                case "tell": host.Host.Gateway.Tell(task, ActorRefs.NoSender); break;
                case "ask": await host.Host.Gateway.Ask<Enqueued>(new Enqueue(task)); break;
                default: await host.Host.Gateway.Ask<EnqueuedMany>(new EnqueueMany([task])); break;
            }

            Assert.Same(ambient, Activity.Current);
        }

        var enqueue = await spans.NamedAsync("enqueue default");
        var process = await spans.NamedAsync("process default");
        Assert.Equal((ActivityKind.Producer, caller.TraceId, caller.SpanId), (enqueue.Kind, enqueue.TraceId, enqueue.ParentSpanId));
        Assert.Equal((ActivityKind.Consumer, caller.TraceId, enqueue.SpanId, true), (process.Kind, process.TraceId, process.ParentSpanId, process.HasRemoteParent));
        Assert.Equal(ActivityStatusCode.Unset, process.Status);
        Assert.Equal(
            [("messaging.system", "dramatiq"), ("messaging.operation.name", "process"), ("messaging.operation.type", "process"), ("messaging.destination.name", "default"), ("dramatiq.actor_name", "sync"),
                ("messaging.message.id", enqueue.GetTagItem("messaging.message.id")), ("dramatiq.attempt", 1), ("dramatiq.outcome", "succeeded")],
            process.TagObjects.Select(static tag => (tag.Key, tag.Value)));
        Assert.Equal("send", enqueue.GetTagItem("messaging.operation.type"));
    }

    [Theory]
    [InlineData("sync", 1)]
    [InlineData("async", 2)]
    [InlineData("class", 1)]
    [InlineData("async class", 2)]
    public async Task Handler_must_run_in_the_span_of_its_attempt(string handler, int looks)
    {
        using var spans = new Spans();
        await using var host = await StartAsync();
        for (var i = 0; i < 2; i++)
            await host.EnqueueAsync(handler switch { "class" => new LookNow(), "async class" => new Look(true), var name => new ActorCall(name) });

        var attempts = await spans.NamedAsync("process default", 2);
        var seen = await _seen.AtLeastAsync(2 * looks);
        Assert.Equal(attempts.Order(By.Start).SelectMany(span => Enumerable.Repeat(span.SpanId, looks)), seen.Select(static span => span!.SpanId));

        // The second message was enqueued by nobody in particular, on actors that had just run the first.
        Assert.NotEqual(attempts[0].TraceId, attempts[1].TraceId);
        await host.JoinAsync();
        Assert.Null(Activity.Current);
    }

    [Fact]
    public async Task Retry_must_stay_in_the_trace_and_its_failure_be_told()
    {
        using var spans = new Spans();
        await using var host = await StartAsync();
        await host.CallAsync("flaky");
        await host.JoinAsync(failFast: false);

        var attempts = (await spans.NamedAsync("process default", 2)).Order(By.Start).ToArray();
        var enqueues = (await spans.NamedAsync("enqueue default", 2)).Order(By.Start).ToArray();
        Assert.Equal((1, 2), ((int)attempts[0].GetTagItem("dramatiq.attempt")!, (int)attempts[1].GetTagItem("dramatiq.attempt")!));
        Assert.Equal((enqueues[0].SpanId, attempts[0].SpanId, enqueues[1].SpanId), (attempts[0].ParentSpanId, enqueues[1].ParentSpanId, attempts[1].ParentSpanId));
        Assert.Single(attempts.Concat(enqueues).Select(static span => span.TraceId).Distinct());
        Assert.Equal((ActivityStatusCode.Error, "not yet", "retried"), (attempts[0].Status, attempts[0].StatusDescription, attempts[0].GetTagItem("dramatiq.outcome")));
        Assert.Equal("System.InvalidOperationException", attempts[0].GetTagItem("error.type"));
        Assert.Equal("exception", Assert.Single(attempts[0].Events).Name);
        Assert.Equal(ActivityStatusCode.Unset, attempts[1].Status);
    }

    [Fact]
    public async Task Callback_and_next_step_of_a_pipeline_must_stay_in_the_trace()
    {
        using var spans = new Spans();
        await using var host = await StartAsync();
        var next = new Message("default", "second", "[]"u8.ToArray(), "{}"u8.ToArray(), MessageOptions.Empty, Message.NewId(), 0);
        var options = MessageOptions.Empty.WithRaw(OptionNames.PipeTarget, next.Encode()).With(OptionNames.OnSuccess, "called_back");
        await host.Host.Queue.EnqueueAsync(new Enqueue(new ActorCall("first")) { Options = options });
        var attempts = await spans.NamedAsync("process default", 3);

        Assert.Equal(["called_back", "first", "second"], attempts.Select(static span => (string)span.GetTagItem("dramatiq.actor_name")!).Order());
        Assert.Single(attempts.Select(static span => span.TraceId).Distinct());
        Assert.Equal(3, (await spans.NamedAsync("enqueue default", 3)).Select(static span => span.SpanId).Intersect(attempts.Select(static span => span.ParentSpanId)).Count());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("\"00-nonsense\"")]
    [InlineData("17")]
    [InlineData("null")]
    public async Task Message_of_Python_without_a_trace_must_begin_one(string? parent)
    {
        using var spans = new Spans();
        await using var host = await StartAsync();
        await PublishAsync(host, parent is null ? "{}" : $$"""{"traceparent":{{parent}}}""");

        Assert.Equal(default, (await spans.NamedAsync("process default")).ParentSpanId);
    }

    [Fact]
    public async Task Message_that_says_what_it_is_part_of_must_be_believed()
    {
        using var spans = new Spans();
        await using var host = await StartAsync();
        await PublishAsync(host, $$"""{"traceparent":"{{Parent}}","tracestate":"vendor=1"}""");

        var process = await spans.NamedAsync("process default");
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "vendor=1"), (process.TraceId.ToHexString(), process.ParentSpanId.ToHexString(), process.TraceStateString));
    }

    [Fact]
    public async Task Message_must_be_left_alone_where_nobody_listens()
    {
        await using var host = await StartAsync();
        await host.Host.Queue.EnqueueAsync(new ActorCall("keeps_options"));
        await host.Host.Queue.EnqueueAsync(new Enqueue(new ActorCall("sync")) { Options = VirtualHost.Options($$"""{"on_success":"keeps_options","traceparent":"{{Parent}}"}""") });
        await host.JoinAsync();

        // The callback stays in the trace that others have begun, and the first message is in none.
        Assert.Equal(["{}", $$"""{"traceparent":"{{Parent}}"}"""], _options.All);
        Assert.Equal([null], _seen.All);
    }

    [Fact]
    public async Task Enqueueing_that_fails_must_be_told_in_its_span()
    {
        using var spans = new Spans();
        await using var host = await StartAsync();
        await Assert.ThrowsAsync<EnqueueFailedException>(() => host.Host.Queue.EnqueueAsync(new Enqueue(new ActorCall("sync")) { Delay = TimeSpan.FromSeconds(-1) }));

        var enqueue = await spans.NamedAsync("enqueue default");
        Assert.Equal((ActivityStatusCode.Error, "Dramatiq.Akka.EnqueueFailedException"), (enqueue.Status, enqueue.GetTagItem("error.type")));
    }

    private readonly Feed<string> _options = new();

    private static async Task PublishAsync(VirtualHost host, string options) => await host.Broker.PublishAsync(
        [new(new Message("default", "sync", "[]"u8.ToArray(), "{}"u8.ToArray(), VirtualHost.Options(options), Message.NewId(), 0), null)], CancellationToken.None);

    private void See() => _seen.Add(Activity.Current);

    private Task<VirtualHost> StartAsync()
    {
        var failed = false;
        return VirtualHost.StartAsync(
            d =>
            {
                d.Options.Queues.Workers = 1;
                d.AddActor<Looker>(static a => a.Handles<Look>().Handles<LookNow>());
                d.AddActor("sync", See);
                d.AddActor("async", async () =>
                {
                    See();
                    await Task.Yield();
                    See();
                });
                d.AddActor("flaky", void () =>
                {
                    if (failed)
                        return;
                    failed = true;
                    throw new InvalidOperationException("not yet");
                });
                d.AddActor("first", static () => 1);
                d.AddActor("second", static (int _) => { });
                d.AddActor("called_back", static (JsonText about, JsonText result) => { });
                d.AddActor("keeps_options", (MessageContext context, JsonText? about = null, JsonText? detail = null) =>
                {
                    var writer = new WireWriter();
                    context.Message.Options.WriteTo(writer);
                    _options.Add(System.Text.Encoding.UTF8.GetString(writer.Written));
                });
            },
            services => services.AddSingleton(_seen));
    }

    private sealed class Looker : TaskActor
    {
        public Looker(Feed<Activity?> seen)
        {
            Receive<LookNow>(_ => seen.Add(Activity.Current));
            ReceiveAsync<Look>(async _ =>
            {
                seen.Add(Activity.Current);
                await Task.Yield();
                seen.Add(Activity.Current);
            });
        }
    }

    private sealed class By : IComparer<Activity>
    {
        public static readonly By Start = new();

        public int Compare(Activity? one, Activity? other) => one!.StartTimeUtc.CompareTo(other!.StartTimeUtc);
    }
}
