using System.Net;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Tests.Brokers.Redis;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Management;

/// <summary>A real Redis that is gone for a while.</summary>
public sealed class BrokerAwaySpec(RedisServer server) : RedisFixture(server), IClassFixture<RedisServer>
{
    private static readonly string[] Pages = ["", "queues/q", "dead?queue=q", "workers"];

    [Fact]
    public async Task Pages_must_say_that_the_broker_is_away_and_recover_by_themselves()
    {
        await using var host = await ManagementHost.StartAsync(declare: d =>
        {
            d.AddActor("note", static (int _) => { }, static o => o.Queue("q"));
            d.UseBroker(system => new RedisBroker(RedisSettings.From(Options()), RedisLinks.Get(system), system.Log));
        });
        await Eventually.AssertAsync(async () => Assert.Equal(200, (await host.GetAsync("health/ready")).Status));
        await Eventually.AssertAsync(async () => Assert.Contains("No message waits.", await PageAsync(host, "queues/q"), StringComparison.Ordinal));

        await Server.RestartAsync(async () =>
        {
            foreach (var path in Pages)
            {
                var page = "";
                await Eventually.AssertAsync(async () =>   // a look at the queues may be half a second old
                {
                    page = await PageAsync(host, path);
                    if (path != "workers")
                        Assert.Matches("does not tell what|The broker is away", page);
                });
                Assert.DoesNotContain($":{Server.Port}", page.Replace(host.Address.Authority, "", StringComparison.Ordinal), StringComparison.Ordinal);
            }

            await Eventually.AssertAsync(async () => Assert.Equal(200, (await host.GetAsync("health/live")).Status));
            await Eventually.AssertAsync(async () => Assert.Equal(503, (await host.GetAsync("health/ready")).Status));
            await Eventually.AssertAsync(async () =>
            {
                var (status, body) = await host.GetAsync("api/queues/q/messages?place=ready");
                Assert.Equal((503, "brokerAway"), (status, (string?)body!["failure"]));
            });
        });

        await Eventually.AssertAsync(async () => Assert.Contains("No message waits.", await PageAsync(host, "queues/q"), StringComparison.Ordinal));
        await Eventually.AssertAsync(async () => Assert.Equal(200, (await host.GetAsync("health/ready")).Status));
    }

    private static async Task<string> PageAsync(ManagementHost host, string path)
    {
        using var answer = await host.Client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{path} answered {answer.StatusCode}.");
        return await answer.Content.ReadAsStringAsync();
    }
}
