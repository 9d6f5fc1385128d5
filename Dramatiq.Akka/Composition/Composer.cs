using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Composition;

/// <summary>Runs pipelines and groups for one actor system.</summary>
internal sealed class Composer(Declarations declarations, MiddlewareServices services, GroupCallbacksSettings settings, ResultReader reader, bool storesResults)
{
    public async Task<PipelineRun> RunAsync(Pipeline pipeline, ITaskQueue queue, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return new PipelineRun((ResultShape.Chain)await StartAsync(pipeline, queue, cancellationToken).ConfigureAwait(false), reader);
    }

    public async Task<GroupRun> RunAsync(Group group, ITaskQueue queue, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(group);
        return new GroupRun((ResultShape.Many)await StartAsync(group, queue, cancellationToken).ConfigureAwait(false), reader);
    }

    private async Task<ResultShape> StartAsync(object part, ITaskQueue queue, CancellationToken cancellationToken)
    {
        var node = new NodeReader(new MessageFactory(declarations, services.Json, services.Time), declarations).Read(part);
        var linker = new Linker(settings.BarrierTtl);
        var linked = linker.Link(node);
        if (linker.Counts && services.Groups is null)
            throw new DeclarationException(
                "A group with callbacks, in a pipeline, or a pipeline with a failure callback, is counted in a store, and none is named here. Add WithRedisRateLimits(\"redis://…\"), or WithInMemoryRateLimits() where no other process takes part, next to WithDramatiq(…).");
        if (linker.Gathers && !storesResults)
            throw new DeclarationException(
                "The step after a group is given the results of its members, and no store of results is named here. Add WithRedisResults(\"redis://…\"), or WithInMemoryResults() where no other process takes part, next to WithDramatiq(…); or give the step the option pipe_ignore.");

        if (linker.Counts && await services.Groups!.NeedsHashTagsAsync(cancellationToken).ConfigureAwait(false))
            linked = new Linker(settings.BarrierTtl, isTagged: true).Link(node);
        if (linked.Barriers.Count > 0)
            await services.Groups!.CreateAsync(linked.Barriers, cancellationToken).ConfigureAwait(false);
        await queue.EnqueueManyAsync(linked.Messages.Select(static message => new Enqueue(message) { Delay = GroupCallbacksSettings.DelayOf(message.Options) }), cancellationToken).ConfigureAwait(false);
        return linked.Shape;
    }
}
