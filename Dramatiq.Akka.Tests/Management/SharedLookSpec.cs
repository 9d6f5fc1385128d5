using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Live;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Management;

public sealed class SharedLookSpec
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ScriptedInspection _inspection = new ScriptedInspection().On<GetQueues>(static _ => new QueueList([])).On<PauseQueue>(static order => new QueuePauses(order.Queue, true, false));

    [Fact]
    public async Task Many_who_ask_within_a_moment_must_share_one_look()
    {
        var look = Look();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => look.AskAsync(new GetQueues())));
        Assert.Single(_inspection.Asked<GetQueues>());

        _clock.Advance(TimeSpan.FromMilliseconds(500));
        await look.AskAsync(new GetQueues());
        Assert.Equal(2, _inspection.Asked<GetQueues>().Count);
    }

    [Fact]
    public async Task Who_goes_away_must_not_end_the_look_for_the_others()
    {
        var slow = new SlowInspection();
        var look = new SharedLook(slow, TimeSpan.FromMilliseconds(500), _clock);
        using var gone = new CancellationTokenSource();
        var (one, other) = (look.AskAsync(new GetQueues(), gone.Token), look.AskAsync(new GetQueues()));

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        slow.Answer.SetResult(new QueueList([]));

        Assert.Empty((await other).Queues);
    }

    [Fact]
    public async Task A_look_must_not_outlive_an_order()
    {
        var look = Look();
        await look.AskAsync(new GetQueues());
        await look.AskAsync(new PauseQueue("default"));
        await look.AskAsync(new GetQueues());

        Assert.Equal(2, _inspection.Asked<GetQueues>().Count);
    }

    [Fact]
    public async Task A_look_that_failed_must_not_be_kept()
    {
        var look = Look();
        _inspection.Failure = new InspectionException(InspectionFailure.BrokerAway, "gone");
        await Assert.ThrowsAsync<InspectionException>(() => look.AskAsync(new GetQueues()));
        _inspection.Failure = null;

        Assert.Empty((await look.AskAsync(new GetQueues())).Queues);
    }

    [Fact]
    public async Task Pages_must_share_a_look_and_the_api_must_have_its_own()
    {
        var shop = new Shop().Inspection;
        await using var host = await ManagementHost.StartAsync(static m => m.LiveInterval = TimeSpan.FromMinutes(2), shop);
        for (var at = 0; at < 5; at++)
        {
            await host.Client.GetStringAsync(new Uri("", UriKind.Relative));
            await host.Client.GetStringAsync(new Uri("dead?queue=emails", UriKind.Relative));
        }

        Assert.Single(shop.Asked<GetQueues>());
        await host.GetAsync("api/queues");
        Assert.Equal(2, shop.Asked<GetQueues>().Count);
    }

    private SharedLook Look() => new(_inspection, TimeSpan.FromMilliseconds(500), _clock);

    private sealed class SlowInspection : IInspection
    {
        public TaskCompletionSource<QueueList> Answer { get; } = new();

        public async Task<TAnswer> AskAsync<TAnswer>(IQuestion<TAnswer> question, CancellationToken cancellationToken = default) => (TAnswer)(object)await Answer.Task.WaitAsync(cancellationToken);
    }
}
