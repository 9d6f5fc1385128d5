using Dramatiq.Akka.Management.Dashboard;
using Dramatiq.Akka.Tests.Inspection;

namespace Dramatiq.Akka.Tests.Management;

/// <summary>What a page's search asks of the broker.</summary>
public sealed class SearchSpec
{
    [Theory]
    [InlineData("dead?queue=default&reason=nowhere")]
    [InlineData("queues/default?place=ready&text=nowhere")]
    [InlineData("queues/default?place=delayed&actorName=nowhere")]
    public async Task Page_must_give_its_search_a_bound_in_messages_and_in_time(string path)
    {
        var broker = new FlakyBroker();
        await using var host = await ManagementHost.StartAsync(declare: d =>
        {
            d.UseBroker(_ => broker);
            d.AddActor("add", static (int x, int y) => x + y);
        });

        using var answer = await host.Client.GetAsync(new Uri(path, UriKind.Relative));
        answer.EnsureSuccessStatusCode();

        Assert.Equal((FilterForm.LookAtMost, FilterForm.LookFor), (broker.Asked?.LookAtMost, broker.Asked?.LookFor));
    }

    [Fact]
    public async Task Page_without_a_search_must_read_a_page_and_no_more()
    {
        var broker = new FlakyBroker();
        await using var host = await ManagementHost.StartAsync(declare: d =>
        {
            d.UseBroker(_ => broker);
            d.AddActor("add", static (int x, int y) => x + y);
        });

        using var answer = await host.Client.GetAsync(new Uri("queues/default?place=ready", UriKind.Relative));
        answer.EnsureSuccessStatusCode();

        Assert.Equal((50, null, null), (broker.Asked?.Count, broker.Asked?.LookAtMost, broker.Asked?.Matches));
    }
}
