using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Workers;

/// <summary>What all workers of a system are built from.</summary>
internal sealed record WorkerBlueprint(MiddlewarePipeline Pipeline, int HandlerCount, IServiceProvider Services, TimeProvider Time);
