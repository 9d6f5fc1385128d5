using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka;

/// <summary>
/// What one actor is declared with. Methods return the same object, so that calls can be chained. A value given here
/// comes before the one of <see cref="TaskAttribute"/> and after one given with a message.
/// </summary>
public sealed class ActorOptions
{
    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);

    internal string? NameValue { get; private set; }

    internal string? QueueValue { get; private set; }

    internal int? PriorityValue { get; private set; }

    internal string? DispatcherPath { get; private set; }

    internal IReadOnlyDictionary<string, object?> Values => _values;

    /// <summary>Sets the <c>actor_name</c> on the wire.</summary>
    public ActorOptions Name(string name)
    {
        NameValue = name;
        return this;
    }

    /// <summary>Sets the queue. Default: <c>default</c>.</summary>
    public ActorOptions Queue(string queue)
    {
        QueueValue = queue;
        return this;
    }

    /// <summary>Sets the priority among messages that one worker pool has in hand; lower runs first. Default 0.</summary>
    public ActorOptions Priority(int priority)
    {
        PriorityValue = priority;
        return this;
    }

    /// <summary>
    /// Runs a delegate on this Akka dispatcher. For one that blocks threads instead of awaiting: on <c>dramatiq.blocking-dispatcher</c> it has threads of its own, and keeps nobody
    /// else waiting. For a <see cref="TaskActor"/> see <see cref="TaskActorOptions.OnDispatcher"/>.
    /// </summary>
    /// <param name="path">The path of the dispatcher's section in HOCON.</param>
    public ActorOptions OnDispatcher(string path)
    {
        DispatcherPath = path;
        return this;
    }

    /// <summary>How often a failed message is tried again. Default 20, so 21 runs in total; null for without end.</summary>
    public ActorOptions MaxRetries(int? retries) => Option(OptionNames.MaxRetries, retries);

    /// <summary>The shortest wait before a retry; it doubles with each one. Default 15 seconds.</summary>
    public ActorOptions MinBackoff(TimeSpan backoff) => Option(OptionNames.MinBackoff, backoff);

    /// <summary>The longest wait before a retry. Default 7 days, and never more.</summary>
    public ActorOptions MaxBackoff(TimeSpan backoff) => Option(OptionNames.MaxBackoff, backoff);

    /// <summary>
    /// Decides by the retries so far and the exception whether to try again. When it is set, <c>max_retries</c> is not asked;
    /// it cannot be given with a message.
    /// </summary>
    public ActorOptions RetryWhen(Func<int, Exception, bool> predicate) => Option("retry_when", predicate);

    /// <summary>Exceptions of this type, or derived from it, are expected: the message goes to the dead-letter queue without a retry.</summary>
    public ActorOptions Throws<TException>() where TException : Exception
    {
        var known = _values.TryGetValue(OptionNames.Throws, out var value) && value is Type[] types ? types : [];
        return Option(OptionNames.Throws, (Type[])[.. known, typeof(TException)]);
    }

    /// <summary>A message older than this goes to the dead-letter queue instead of running. Default none; zero is none too.</summary>
    public ActorOptions MaxAge(TimeSpan age) => Option(OptionNames.MaxAge, age);

    /// <summary>
    /// How long a handler may run before its token is cancelled. Default 10 minutes; <see cref="Timeout.InfiniteTimeSpan"/> for
    /// no limit; zero is the default, as in Dramatiq.
    /// </summary>
    public ActorOptions TimeLimit(TimeSpan limit) => Option(OptionNames.TimeLimit, limit);

    /// <summary>Whether a handler's token is cancelled when the process shuts down. Default false: it may finish.</summary>
    public ActorOptions NotifyShutdown(bool notify = true) => Option(OptionNames.NotifyShutdown, notify);

    /// <summary>The actor that is sent the message and its result when a message has succeeded.</summary>
    public ActorOptions OnSuccess(string actor) => Option(OptionNames.OnSuccess, actor);

    /// <summary>As <see cref="OnSuccess(string)"/>, for an actor by its task.</summary>
    /// <typeparam name="TTask">The task: its name is that of the type or of its <see cref="TaskAttribute"/>. For an actor declared under another, give the name itself.</typeparam>
    public ActorOptions OnSuccess<TTask>() where TTask : notnull => Option(OptionNames.OnSuccess, typeof(TTask));

    /// <summary>The actor that is sent the message and its error (<see cref="CallbackError"/>) on every failed attempt; which attempt it was is in <see cref="FailedAttempt"/>.</summary>
    public ActorOptions OnFailure(string actor) => Option(OptionNames.OnFailure, actor);

    /// <summary>As <see cref="OnFailure(string)"/>, for an actor by its task.</summary>
    /// <typeparam name="TTask">The task: its name is that of the type or of its <see cref="TaskAttribute"/>. For an actor declared under another, give the name itself.</typeparam>
    public ActorOptions OnFailure<TTask>() where TTask : notnull => Option(OptionNames.OnFailure, typeof(TTask));

    /// <summary>The actor that is sent the message and the count of its retries (<see cref="RetriesExhausted"/>) when none is left.</summary>
    public ActorOptions OnRetryExhausted(string actor) => Option(OptionNames.OnRetryExhausted, actor);

    /// <summary>As <see cref="OnRetryExhausted(string)"/>, for an actor by its task.</summary>
    /// <typeparam name="TTask">The task: its name is that of the type or of its <see cref="TaskAttribute"/>. For an actor declared under another, give the name itself.</typeparam>
    public ActorOptions OnRetryExhausted<TTask>() where TTask : notnull => Option(OptionNames.OnRetryExhausted, typeof(TTask));

    /// <summary>Whether a pipeline's next task goes without this one's result. Default false.</summary>
    public ActorOptions PipeIgnore(bool ignore = true) => Option(OptionNames.PipeIgnore, ignore);

    /// <summary>
    /// How often the actor may run, counted together with whoever uses the same key, Python included. A message that finds no room waits for it, without an attempt spent, and keeps nobody
    /// else on the queue waiting. Needs <c>WithRedisRateLimits</c> or <c>WithInMemoryRateLimits</c>.
    /// </summary>
    public ActorOptions RateLimit(RateLimit limit) => Option(RateLimits.RateLimiting.OptionName, limit);

    /// <summary>Whether what the task returns, or why it was given up, is stored. Default false. Needs a store: <c>WithInMemoryResults()</c> or <c>WithRedisResults()</c>.</summary>
    public ActorOptions StoreResults(bool store = true) => Option(OptionNames.StoreResults, store);

    /// <summary>How long a stored result is kept. Default 10 minutes; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</summary>
    public ActorOptions ResultTtl(TimeSpan ttl) => Option(OptionNames.ResultTtl, ttl);

    /// <summary>Sets any option by its name on the wire, your own middleware's included.</summary>
    /// <param name="name">The name; one that no middleware owns is refused when the host starts.</param>
    /// <param name="value">The value, in a form that the option takes.</param>
    public ActorOptions Option(string name, object? value)
    {
        _values[name] = value;
        return this;
    }
}
