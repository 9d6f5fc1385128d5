using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Workers;

/// <summary>What all workers of a system are built from.</summary>
/// <param name="Pipeline">The middleware.</param>
/// <param name="HandlerCount">How many handlers are declared.</param>
/// <param name="Services">The application's services.</param>
/// <param name="Time">The clock.</param>
/// <param name="Announces">Whether workers publish a signal for each message that they begin and end, which costs a little and is for somebody who listens.</param>
internal sealed record WorkerBlueprint(MiddlewarePipeline Pipeline, int HandlerCount, IServiceProvider Services, TimeProvider Time, bool Announces = false);
