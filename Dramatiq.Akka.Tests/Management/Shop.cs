using System.Globalization;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Tests.Management;

/// <summary>The inspection of a shop's worker in the middle of a day: what pages are looked at with.</summary>
internal sealed class Shop
{
    public const string Nasty = "<img src=x onerror=\"window.pwned=1\">\u001b[31m\u202e</code><script>window.pwned=1</script>";

    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    public Shop()
    {
        Inspection = new ScriptedInspection()
            .On<GetNode>(_ => new NodeReport(
                "shop@worker-3:4711", "0.1.0", NodeState.Running, _now.AddHours(-31), new BrokerReport("redis", true, true, true), new GatewayReport(3, 720, 812_345, 2), true))
            .On<GetQueues>(_ => new QueueList([Queue("emails"), Queue("images"), Queue("reports")]))
            .On<GetQueue>(question => question.Queue is "emails" or "images" or "reports"
                ? Queue(question.Queue)
                : throw new InspectionException(InspectionFailure.UnknownQueue, $"Queue '{question.Queue}' was never declared."))
            .On<GetHistory>(question => History(question.Queue))
            .On<GetWorkers>(_ => new PoolList([Pool("emails"), Pool("images"), Pool("reports")]))
            .On<GetConsumers>(_ => new ConsumerList([Consumer("emails"), Consumer("emails.DQ"), Consumer("images"), Consumer("reports")]))
            .On<GetActors>(_ => new ActorList([
                new ActorReport("send_receipt", "emails", 0, true, "Shop.SendReceipt", ["order_id: Int64", "to: String"], Options("max_retries", "5", "time_limit", "30000"), ["TimeLimit", "Retries"]),
                new ActorReport("thumbnail", "images", 10, true, "Shop.Thumbnail", ["path: String", "width: Int32"], Options("max_age", "3600000"), ["AgeLimit", "TimeLimit", "Retries"]),
                new ActorReport("train_model", "science", 0, false, null, [], Options(), [])]))
            .On<GetMessages>(Messages)
            .On<CountMessages>(_ => new MessageCount(1_204, 1_204, true, _now))
            .On<GetMessage>(question => new MessageAnswer(Detail(question), Life(), 1, true))
            .On<PauseQueue>(static order => new QueuePauses(order.Queue, true, false))
            .On<ResumeQueue>(static order => new QueuePauses(order.Queue, false, false))
            .On<ScaleWorkers>(static order => new WorkersScaled(order.Queue, order.Workers))
            .On<RequeueDead>(static order => new MessagesAnswer(order.Ids?.Count ?? 1_204, true))
            .On<DeleteMessages>(static order => new MessagesAnswer(order.Ids?.Count ?? 1_204, true))
            .On<RunNow>(static order => new MessagesAnswer(order.Ids?.Count ?? 1, true))
            .On<PurgeQueue>(static _ => new MessagesAnswer(18_240, true));
    }

    public ScriptedInspection Inspection { get; }

    public long Ready { get; set; } = 18_240;

    private QueueReport Queue(string name) => name switch
    {
        "emails" => new QueueReport(
            name, Ready, 312, 64, 1_204, 94_000, false, false, new Traffic(412_345, 410_113, 408_730, 1_340, 1_204, 12, 41.2, 38.7, 1.4), Consumer(name), Consumer(name + ".DQ"), Pool(name) with { Running = [] }, null),
        "images" => new QueueReport(name, 0, 0, 3, 0, null, false, false, new Traffic(9_312, 9_312, 9_309, 0, 0, 0, 0.9, 0.9, 0), Consumer(name), null, Pool(name) with { Running = [] }, null),
        _ => new QueueReport(name, 41, 2, 0, 3, 7_512_000, true, true, new Traffic(88, 40, 40, 4, 3, 0, 0, 0, 0), Consumer(name), null, Pool(name) with { Running = [] }, null),
    };

    private ConsumerReport Consumer(string queue) => queue switch
    {
        "emails" => new ConsumerReport(queue, ConsumerState.Consuming, 64, 64, 0, 1, "Connection reset by peer while reading from redis://10.0.0.7:6379", _now.AddHours(-5)),
        "reports" => new ConsumerReport(queue, ConsumerState.Paused, 32, 0, 32, 0, null, null),
        _ => new ConsumerReport(queue, ConsumerState.Consuming, 32, queue == "images" ? 3 : 0, 29, 0, null, null),
    };

    private PoolReport Pool(string queue) => queue switch
    {
        "emails" => new PoolReport(queue, 16, 16, 48, 1, [.. Enumerable.Range(0, 16).Select(Running)]),
        "images" => new PoolReport(queue, 8, 3, 0, 0, [.. Enumerable.Range(20, 3).Select(Running)]),
        _ => new PoolReport(queue, 8, 0, 0, 0, []),
    };

    private WorkerReport Running(int at) => new(
        "worker-" + (at + 1).ToString(CultureInfo.InvariantCulture), at == 0, false, Id(at), at < 20 ? "send_receipt" : "thumbnail", at % 3 + 1, _now.AddSeconds(-40 + at), at == 0 ? 742_000 : 4_200 - (at * 130));

    private TrafficHistory History(string? queue)
    {
        var random = new Random(7);
        var points = new List<TrafficPoint>();
        for (var at = 0; at < 360; at++)
        {
            var wave = 280 + (int)(160 * Math.Sin(at / 38.0)) + random.Next(-45, 45);
            var trouble = at is > 240 and < 285 ? random.Next(20, 60) : random.Next(0, 6) / 4;
            points.Add(new TrafficPoint(_now.AddSeconds(-10 * (360 - at)), wave + 20, wave - trouble, trouble, trouble / 9));
        }

        return new TrafficHistory(queue, 10_000, points);
    }

    private MessagePage Messages(GetMessages question)
    {
        var total = question.Filter?.Text == "nowhere" ? 0 : question.Place is MessagePlace.Dead ? 1_204 : question.Place is MessagePlace.Delayed ? 312 : question.Place is MessagePlace.InHand ? 3 : 18_240;
        var messages = Enumerable.Range((int)question.Offset, (int)Math.Max(0, Math.Min(question.Count, total - question.Offset))).Select(at => Summary(at, question.Place)).ToList();
        var end = question.Offset + messages.Count;
        return new MessagePage(messages, total == 0 ? 1_204 : messages.Count, end >= total, end < total ? end : null);
    }

    private MessageSummary Summary(int at, MessagePlace place) => new(
        "key-" + at.ToString(CultureInfo.InvariantCulture), Id(at), "send_receipt", at == 3 ? $"\"{Nasty}\"" : $"{81_200 + at}, to=\"customer{at}@example.com\"", _now.AddMinutes(-3 - at),
        place is MessagePlace.Delayed ? _now.AddMinutes(5 + at) : null, at % 4, place is MessagePlace.Dead ? _now.AddMinutes(-2 - (7 * at)) : null,
        place is MessagePlace.Dead ? (at % 3 == 0 ? "retries exhausted: TimeoutException: The mail server did not answer within 30 s" : "SmtpException: 550 no such user here") : null, 214 + at);

    private MessageDetail Detail(GetMessage question)
    {
        var place = question.Place ?? MessagePlace.Ready;
        return new MessageDetail(
            question.Queue ?? "emails", place, Summary(question.Id == "key-3" ? 3 : 0, place), question.Id == "key-3" ? $"[{System.Text.Json.JsonSerializer.Serialize(Nasty)}]" : "[81200]", "{\"to\":\"customer0@example.com\",\"items\":[{\"sku\":\"A-7\",\"n\":2}]}",
            new Dictionary<string, string> { ["retries"] = "5", ["max_retries"] = "5", ["traceparent"] = "\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\"" }, 6, "System.TimeoutException",
            question.Id == "key-3" ? Nasty : "The mail server did not answer within 30 s",
            "   at Shop.Mail.SmtpGateway.SendAsync(Receipt receipt) in /home/ci/shop/src/Mail/SmtpGateway.cs:line 88\n   at Shop.SendReceiptActor.RunAsync(SendReceipt task) in /home/ci/shop/src/SendReceiptActor.cs:line 31", null, null);
    }

    private MessageLife Life() => new("m", "emails", "send_receipt", LifeState.Dead,
    [
        new LifeStep("m", "emails", "send_receipt", LifeState.Enqueued, _now.AddMinutes(-9), 1, "web@front-1:91"),
        new LifeStep("m", "emails", "send_receipt", LifeState.Running, _now.AddMinutes(-9), 1, "shop@worker-3:4711", Note: "worker-4"),
        new LifeStep("m", "emails", "send_receipt", LifeState.Retried, _now.AddMinutes(-8), 1, "shop@worker-3:4711", _now.AddMinutes(-7), "TimeoutException: The mail server did not answer within 30 s"),
        new LifeStep("m", "emails", "send_receipt", LifeState.Dead, _now.AddMinutes(-2), 6, "shop@worker-1:88", Note: "retries exhausted"),
    ]);

    private static Dictionary<string, System.Text.Json.JsonElement> Options(params string[] pairs) =>
        pairs.Chunk(2).ToDictionary(static pair => pair[0], static pair => System.Text.Json.JsonDocument.Parse(pair[1]).RootElement);

    private static string Id(int at) => new Guid(at + 1, 0x4c1e, 0x41d2, 0x9a, 0x77, 0x10, 0x2b, 0x3c, 0x4d, 0x5e, (byte)at).ToString();
}
