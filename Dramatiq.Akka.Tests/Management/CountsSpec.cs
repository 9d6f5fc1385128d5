using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.Cli;

namespace Dramatiq.Akka.Tests.Management;

/// <summary>Counts of a broker that does not tell all, as RabbitMQ with several workers.</summary>
public sealed class CountsSpec
{
    private readonly ScriptedInspection _inspection = Reports.All()
        .On<GetQueue>(static _ => Reports.Queue() with { InFlight = null, Delayed = null })
        .On<GetHistory>(static question => new TrafficHistory(question.Queue, 10_000, []));

    [Fact]
    public async Task What_is_of_this_process_alone_must_say_so()
    {
        Queues(Reports.Queue() with { InFlight = null }, Reports.Queue("emails") with { InFlight = null }, Reports.Queue("others") with { InFlight = null, Consumer = null });
        await using var host = await ManagementHost.StartAsync(inspection: _inspection);

        Assert.Contains("<dt>In flight</dt><dd><span>16<small title=", await host.Client.GetStringAsync(new Uri("", UriKind.Relative)), StringComparison.Ordinal);
        Assert.Contains("<dt>In flight</dt><dd><span>8<small title=", await host.Client.GetStringAsync(new Uri("queues/default", UriKind.Relative)), StringComparison.Ordinal);
        var list = await new Typed(host.Address).RunAsync("queue", "list");
        Assert.Contains("8 here", list.Lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain("here", list.Lines[3].Replace("not here", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sum_that_leaves_queues_out_must_say_so()
    {
        Queues(Reports.Queue(), Reports.Queue("emails") with { Delayed = null, InFlight = null });
        await using var host = await ManagementHost.StartAsync(inspection: _inspection);

        var page = await host.Client.GetStringAsync(new Uri("", UriKind.Relative));
        Assert.Contains("<dt>Delayed</dt><dd>≥ 5</dd>", page, StringComparison.Ordinal);
        Assert.Contains("<dt>In flight</dt><dd>≥ 16</dd>", page, StringComparison.Ordinal);
        Assert.Contains("<dt>Waiting</dt><dd>2\u202f400</dd>", page, StringComparison.Ordinal);
        Assert.Contains("2,400 ready  ≥5 delayed", (await new Typed(host.Address).RunAsync("top")).Output, StringComparison.Ordinal);
    }

    private void Queues(params QueueReport[] queues) => _inspection.On<GetQueues>(_ => new QueueList(queues));
}
