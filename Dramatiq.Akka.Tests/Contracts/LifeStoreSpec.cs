using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Tests.Contracts;

/// <summary>What every store of lives must do.</summary>
public abstract class LifeStoreSpec
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly string _id = Message.NewId();

    protected static TimeSpan Ttl => TimeSpan.FromMinutes(10);

    protected abstract ILifeStore Store { get; }

    private LifeStep Step(LifeState state, int attempt = 1, int second = 0, string? note = null) =>
        new(_id, "q", "add", state, Start.AddSeconds(second), attempt, "node", state is LifeState.Delayed ? Start.AddHours(1) : null, note);

    private async Task WriteAsync(params LifeStep[] steps) => await Store.WriteAsync(steps, CancellationToken.None);

    private async Task<MessageLife> LifeAsync() => Assert.IsType<MessageLife>(await Store.FindAsync(_id, CancellationToken.None));

    [Fact]
    public async Task Life_must_be_told_in_order_whatever_the_order_of_writing()
    {
        LifeStep[] steps = [Step(LifeState.Enqueued), Step(LifeState.Running, 1, 1, "worker-1"), Step(LifeState.Retried, 1, 2, "it failed \"\n"), Step(LifeState.Delayed, 2, 2), Step(LifeState.Running, 2, 9), Step(LifeState.Done, 2, 10)];
        await WriteAsync(steps[3], steps[5], steps[0]);
        await WriteAsync(steps[4]);
        await WriteAsync(steps[2], steps[1]);
        var life = await LifeAsync();
        Assert.Equal(steps, life.Steps);
        Assert.Equal((_id, "q", "add", LifeState.Done), (life.MessageId, life.Queue, life.ActorName, life.State));
        Assert.Null(await Store.FindAsync(Message.NewId(), CancellationToken.None));
    }

    [Fact]
    public async Task Late_step_must_never_take_the_place_of_a_later_one()
    {
        await WriteAsync(Step(LifeState.Done, 1, second: 1));
        await WriteAsync(Step(LifeState.Enqueued, 1, second: 5), Step(LifeState.Running, 1, second: 6));
        Assert.Equal(LifeState.Done, (await LifeAsync()).State);
    }

    [Fact]
    public async Task Requeued_letter_must_begin_anew()
    {
        await WriteAsync(Step(LifeState.Running, 7), Step(LifeState.Dead, 7));
        await WriteAsync(Step(LifeState.Requeued));
        Assert.Equal(LifeState.Requeued, (await LifeAsync()).State);
        await WriteAsync(Step(LifeState.Done));
        await WriteAsync(Step(LifeState.Running));
        var life = await LifeAsync();
        Assert.Equal([LifeState.Running, LifeState.Dead, LifeState.Requeued, LifeState.Running, LifeState.Done], life.Steps.Select(static step => step.State));
    }

    [Fact]
    public async Task Step_that_is_written_twice_must_be_there_once()
    {
        await WriteAsync(Step(LifeState.Enqueued), Step(LifeState.Done));
        await WriteAsync(Step(LifeState.Enqueued), Step(LifeState.Done));
        Assert.Equal(2, (await LifeAsync()).Steps.Count);
    }

    [Fact]
    public async Task Life_with_many_steps_must_keep_the_last_ones()
    {
        foreach (var chunk in Enumerable.Range(1, 500).Chunk(100))
            await WriteAsync([.. chunk.Select(attempt => Step(LifeState.Retried, attempt))]);
        var life = await LifeAsync();
        Assert.Equal(500, life.Steps[^1].Attempt);
        Assert.InRange(life.Steps.Count, 10, 100);
    }
}
