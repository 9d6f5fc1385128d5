namespace Dramatiq.Akka;

/// <summary>Says which tasks a <see cref="TaskActor"/> runs.</summary>
public sealed class TaskActorOptions
{
    private readonly List<(Type Task, ActorOptions Options)> _handled = [];

    internal IReadOnlyList<(Type Task, ActorOptions Options)> Handled => _handled;

    internal bool FreshInstances { get; private set; }

    internal string? DispatcherPath { get; private set; }

    /// <summary>The class has a handler for this task.</summary>
    /// <typeparam name="TTask">The task: its constructor is its signature.</typeparam>
    /// <param name="configure">Options that come before those of <see cref="TaskAttribute"/>.</param>
    public TaskActorOptions Handles<TTask>(Action<ActorOptions>? configure = null) where TTask : notnull
    {
        var options = new ActorOptions();
        configure?.Invoke(options);
        _handled.Add((typeof(TTask), options));
        return this;
    }

    /// <summary>
    /// Builds the class anew for each message, so that what its constructor takes from DI lives as long as the message: for a
    /// constructor that takes a database context, say. By default an instance lives until a handler fails, and what belongs to
    /// one message comes from <see cref="TaskActor.Services"/>. Costs some microseconds a message.
    /// </summary>
    public TaskActorOptions FreshForEachMessage()
    {
        FreshInstances = true;
        return this;
    }

    /// <summary>
    /// Runs the handlers on this Akka dispatcher. For handlers that block threads instead of awaiting: on <c>dramatiq.blocking-dispatcher</c> they have threads of their own,
    /// and keep nobody else waiting.
    /// </summary>
    /// <param name="path">The path of the dispatcher's section in HOCON.</param>
    public TaskActorOptions OnDispatcher(string path)
    {
        DispatcherPath = path;
        return this;
    }
}
