using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Hosting;

namespace Dramatiq.Akka.Inspection;

/// <summary>Carries out orders about queues and this process.</summary>
internal sealed class QueueOrdering(InspectionParts parts, LocalLook look, QueueAnswers queues)
{
    private const int MostWorkers = 100_000;

    public async Task<QueuePauses> PauseAsync(PauseQueue order)
    {
        await queues.RequireAsync(order.Queue).ConfigureAwait(false);
        if (!order.Everywhere)
        {
            await parts.Node.PauseAsync(order.Queue).ConfigureAwait(false);
            return await PausesAsync(order.Queue, null).ConfigureAwait(false);
        }

        var paused = await Keeper.SetPausedAsync(order.Queue, isPaused: true, CancellationToken.None).ConfigureAwait(false);
        parts.Node.PauseEverywhere(paused);
        if (parts.Declarations.ConsumedQueues.Contains(order.Queue))
            await parts.Node.PauseAsync(order.Queue, isOwn: false).ConfigureAwait(false);
        return await PausesAsync(order.Queue, paused).ConfigureAwait(false);
    }

    public async Task<QueuePauses> ResumeAsync(ResumeQueue order)
    {
        await queues.RequireAsync(order.Queue).ConfigureAwait(false);
        if (!order.Everywhere)
        {
            await parts.Node.ResumeAsync(order.Queue).ConfigureAwait(false);
            return await PausesAsync(order.Queue, null).ConfigureAwait(false);
        }

        var paused = await Keeper.SetPausedAsync(order.Queue, isPaused: false, CancellationToken.None).ConfigureAwait(false);
        parts.Node.PauseEverywhere(paused);
        return await PausesAsync(order.Queue, paused).ConfigureAwait(false);
    }

    public async Task<WorkersScaled> ScaleAsync(ScaleWorkers order)
    {
        if (order.Workers is < 1 or > MostWorkers)
            throw new InspectionException(InspectionFailure.Invalid, $"A queue can have 1 to {MostWorkers} workers, not {order.Workers}. To stop it, pause it.");

        await queues.RequireAsync(order.Queue).ConfigureAwait(false);
        await parts.Node.ScaleAsync(order.Queue, order.Workers).ConfigureAwait(false);
        return new WorkersScaled(order.Queue, order.Workers);
    }

    private IKeepsPauses Keeper => parts.Broker as IKeepsPauses
        ?? throw new InspectionException(InspectionFailure.NotSupported, $"The broker '{parts.Broker.Name}' cannot keep a pause for every process. Pause the queue in each.");

    private async Task<QueuePauses> PausesAsync(string queue, IReadOnlySet<string>? paused)
    {
        var sight = await look.LookAsync(queue).ConfigureAwait(false);
        var here = sight.Queues.GetValueOrDefault(queue);
        // The order is carried out: a broker that is away keeps only half of the answer back.
        paused ??= await queues.PausedAsync().ConfigureAwait(false);
        return new QueuePauses(queue, here?.IsPausedHere == true, parts.Broker is IKeepsPauses ? paused?.Contains(queue) ?? here?.IsPausedEverywhere : null);
    }
}
