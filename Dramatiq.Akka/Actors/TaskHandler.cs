namespace Dramatiq.Akka.Actors;

/// <summary>One registered handler of a <see cref="TaskActor"/>, seen without its types.</summary>
internal abstract class TaskHandler
{
    public virtual bool IsAsync => false;

    /// <summary>Runs a synchronous handler and gives its result, or null.</summary>
    public virtual object? Run(object task) => throw new NotSupportedException();

    /// <summary>Runs an asynchronous handler and gives its result, or null.</summary>
    public virtual Task<object?> RunAsync(object task) => throw new NotSupportedException();
}

internal sealed class SyncHandler<TTask>(Action<TTask> handler) : TaskHandler
{
    public override object? Run(object task)
    {
        handler((TTask)task);
        return null;
    }
}

internal sealed class SyncHandler<TTask, TResult>(Func<TTask, TResult> handler) : TaskHandler
{
    public override object? Run(object task) => handler((TTask)task);
}

internal sealed class AsyncHandler<TTask>(Func<TTask, Task> handler) : TaskHandler
{
    public override bool IsAsync => true;

    public override async Task<object?> RunAsync(object task)
    {
        await handler((TTask)task);
        return null;
    }
}

internal sealed class AsyncHandler<TTask, TResult>(Func<TTask, Task<TResult>> handler) : TaskHandler
{
    public override bool IsAsync => true;

    public override async Task<object?> RunAsync(object task) => await handler((TTask)task);
}
