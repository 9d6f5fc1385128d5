using Dramatiq.Akka.Actors;

namespace Dramatiq.Akka;

/// <summary>A <see cref="TaskActor"/> was declared to run a task for which its constructor registers no handler. The message is dead-lettered.</summary>
public sealed class MissingHandlerException(Type handler, DeclaredActor actor) : DramatiqException(
    $"{handler.Name} is declared to run '{actor.Name}' and registers no handler for it: call Receive<{actor.TaskType?.Name}>(…) or ReceiveAsync<{actor.TaskType?.Name}>(…) in its constructor.")
{
    /// <inheritdoc />
    public override bool IsPermanent => true;
}
