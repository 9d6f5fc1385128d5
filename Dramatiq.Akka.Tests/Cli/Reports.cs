using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.Management;

namespace Dramatiq.Akka.Tests.Cli;

/// <summary>Answers of an inspection.</summary>
internal static class Reports
{
    /// <summary>What a hostile message may hold: a new title for the terminal, a cleared screen, a turned direction of writing, and a C1 control that does the same in one character.</summary>
    public const string Hostile = "\u001b]0;owned\u0007\u001b[2J\r\n\u202egnp.exe\u009b31m";

    public static DateTimeOffset At { get; } = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public static NodeReport Node { get; } = new("app@host:4711", "0.1.0", NodeState.Running, At, new BrokerReport("redis", true, true, true), new GatewayReport(0, 0, 10, 0), true);

    public static QueueReport Queue(string name = "default", long dead = 3) => new(
        name, 1200, 5, 8, dead, 65_000, false, false, new Traffic(100, 90, 80, 4, 1, 0, 2.5, 12.25, 0.5),
        new ConsumerReport(name, ConsumerState.Consuming, 16, 8, 8, 0, null, null), null, new PoolReport(name, 8, 2, 6, 0, []), null);

    public static PoolReport Pool { get; } = new(
        "default", 8, 2, 6, 1,
        [new WorkerReport("worker-1", false, false, "0190-aaaa", "resize_image", 1, At, 4_000), new WorkerReport("worker-2", true, false, "0190-bbbb", "send_email", 3, At, 720_000)]);

    public static MessageSummary Summary(string key, string arguments = "1, 2", string? reason = null) => new(key, "id-" + key, "add", arguments, At, At.AddHours(1), 2, At, reason, 321);

    public static MessageDetail Detail(string text = "1, 2") => new(
        "default", MessagePlace.Dead, Summary("7", text, "ValueError: " + text), "[" + text + "]", "{}", new Dictionary<string, string> { ["retries"] = "2", ["note\u001b[2J"] = "\"" + text + "\"" },
        3, "ValueError", text, "Traceback:\n\tline 1\n" + text, null, null);

    public static MessageLife Life(string note = "ValueError") => new(
        "id-7", "default", "add", LifeState.Dead,
        [new LifeStep("id-7", "default", "add", LifeState.Enqueued, At, 1, "app@host:1"), new LifeStep("id-7", "default", "add", LifeState.Dead, At.AddSeconds(1), 1, "app@host:1", Note: note)]);

    /// <summary>An inspection that has an answer to everything.</summary>
    public static ScriptedInspection All(string text = "1, 2") => new ScriptedInspection()
        .On<GetNode>(static _ => Node)
        .On<DrainNode>(static _ => Node with { State = NodeState.Draining })
        .On<GetQueues>(static _ => new QueueList([Queue(), Queue("emails", 0)]))
        .On<GetQueue>(static question => question.Queue == "default" ? Queue() : throw new InspectionException(InspectionFailure.UnknownQueue, $"Queue '{question.Queue}' is not declared."))
        .On<PauseQueue>(static order => new QueuePauses(order.Queue, !order.Everywhere, order.Everywhere))
        .On<ResumeQueue>(static order => new QueuePauses(order.Queue, false, false))
        .On<PurgeQueue>(static _ => new MessagesAnswer(1200, true))
        .On<GetConsumers>(static _ => new ConsumerList([]))
        .On<GetWorkers>(static _ => new PoolList([Pool]))
        .On<ScaleWorkers>(static order => new WorkersScaled(order.Queue, order.Workers))
        .On<GetMessages>(_ => new MessagePage([Summary("7", text, "because " + text)], 10, false, 50))
        .On<CountMessages>(static _ => new MessageCount(42, 100, true, At))
        .On<GetMessage>(question => question.Id == "7" ? new MessageAnswer(Detail(text), Life(text), 10, true) : new MessageAnswer(null, null, 10, true))
        .On<DeleteMessages>(static order => new MessagesAnswer(order.Ids?.Count ?? 42, true))
        .On<RequeueDead>(static order => new MessagesAnswer(order.Ids?.Count ?? 42, true))
        .On<RunNow>(static order => new MessagesAnswer(order.Ids?.Count ?? 42, true))
        .On<EnqueueMessage>(static order => new MessageEnqueued("0190-cccc", order.Queue ?? "default", order.ActorName));
}
