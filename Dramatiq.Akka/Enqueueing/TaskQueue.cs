using Dramatiq.Akka.Composition;

namespace Dramatiq.Akka.Enqueueing;

/// <summary>Tells the gateway, and hands its answers to tasks. Leaner than Ask, which makes an actor of each question.</summary>
internal sealed class TaskQueue(Func<IActorRef> gateway, Func<Composer> composer) : ITaskQueue
{
    private const int Portion = 1_000;

    public Task<Enqueued> EnqueueAsync(object task, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(task);
        var completion = new TaskCompletionSource<Enqueued>(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway().Tell(new GatewayProtocol.Awaited(task as Enqueue ?? new Enqueue(task), completion), ActorRefs.NoSender);
        return cancellationToken.CanBeCanceled ? completion.Task.WaitAsync(cancellationToken) : completion.Task;
    }

    public Task<Enqueued> EnqueueAsync(object task, TimeSpan delay, CancellationToken cancellationToken = default) =>
        EnqueueAsync((task as Enqueue ?? new Enqueue(task)) with { Delay = delay, At = null }, cancellationToken);

    public async Task<IReadOnlyList<Enqueued>> EnqueueManyAsync(IEnumerable<object> tasks, CancellationToken cancellationToken = default)
    {
        var enqueued = new List<Enqueued>();
        foreach (var portion in tasks.Chunk(Portion))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var waiting = new Task<Enqueued>[portion.Length];
            for (var i = 0; i < portion.Length; i++)
                waiting[i] = EnqueueAsync(portion[i], cancellationToken);

            enqueued.AddRange(await Task.WhenAll(waiting).ConfigureAwait(false));
        }

        return enqueued;
    }

    public Task<PipelineRun> RunAsync(Pipeline pipeline, CancellationToken cancellationToken = default) => composer().RunAsync(pipeline, this, cancellationToken);

    public Task<GroupRun> RunAsync(Group group, CancellationToken cancellationToken = default) => composer().RunAsync(group, this, cancellationToken);
}
