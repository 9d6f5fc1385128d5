namespace Dramatiq.Akka;

/// <summary>An order came to a process that drains already, or has stopped.</summary>
public sealed class TaskSystemDrainsException(string what) : DramatiqException($"{what} cannot be given orders any more: the task system drains, or has stopped.");
