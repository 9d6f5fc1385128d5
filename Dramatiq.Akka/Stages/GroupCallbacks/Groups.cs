using Akka.Event;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.RateLimits;
using Dramatiq.Akka.Results;

namespace Dramatiq.Akka.Stages;

/// <summary>What this system does for groups, on the stores that they share with others. A store that is away for a moment is asked again. Safe for any number of tasks.</summary>
internal sealed class Groups
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly IRateLimiterBackend _backend;
    private readonly GroupCallbacksSettings _settings;
    private readonly TimeProvider _time;
    private readonly GroupResults? _results;
    private readonly GroupSpread _spread;
    private readonly GroupProgress _progress;

    public Groups(IRateLimiterBackend backend, IResultBackend? results, GroupCallbacksSettings settings, MiddlewareServices services, ILoggingAdapter log)
    {
        _backend = backend;
        _settings = settings;
        _time = services.Time;
        _results = results is null ? null : new GroupResults(results, settings, services.Time);
        var publisher = new GroupPublisher(services);
        _spread = new GroupSpread(backend, publisher, settings);
        _progress = new GroupProgress(backend, new GroupFiring(backend, publisher, _results, settings), settings, log);
    }

    /// <summary>Whether ids of groups must be hash tags: see <see cref="IRateLimiterBackend.NeedsHashTagsAsync"/>.</summary>
    /// <exception cref="BrokerException">The store cannot be reached, or refused.</exception>
    public Task<bool> NeedsHashTagsAsync(CancellationToken cancellationToken) => PatientlyAsync(() => _backend.NeedsHashTagsAsync(cancellationToken).AsTask(), cancellationToken);

    /// <summary>Makes the barriers of a group that is about to be enqueued. Their keys are new, so one that is there already was made by a call whose answer was lost.</summary>
    /// <exception cref="BrokerException">The store cannot be reached, or refused.</exception>
    public Task CreateAsync(IReadOnlyList<(string Key, int Parties)> barriers, CancellationToken cancellationToken) => PatientlyAsync(
        async () =>
        {
            foreach (var (key, parties) in barriers)
                await _backend.AddAsync(key, parties, _settings.BarrierTtl, cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <summary>What a message needs before it runs.</summary>
    /// <returns>The message to run; null for a callback of which another publication runs.</returns>
    /// <exception cref="GroupResultMissingException">A result that it wants is not there.</exception>
    /// <exception cref="BrokerException">A store cannot be reached, or refused.</exception>
    /// <exception cref="EnqueueFailedException">A member that it brings along was not confirmed.</exception>
    public Task<Message?> PrepareAsync(Message message) => PatientlyAsync(async () =>
    {
        if (message.Options.TryGetString(OptionNames.GroupFiring, out var token) && !await IsTheOneAsync(message, token).ConfigureAwait(false))
            return null;
        if (message.Options.Contains(OptionNames.GroupResults))
            message = await (_results ?? throw new DeclarationException(
                $"'{message.ActorName}' follows a group and wants its results, and no store of results is named here. Add WithRedisResults(\"redis://…\") next to WithDramatiq(…).")).FillAsync(message, CancellationToken.None).ConfigureAwait(false);
        return (Message?)await _spread.SpreadAsync(message, CancellationToken.None).ConfigureAwait(false);
    });

    /// <summary>Counts the end of a message.</summary>
    /// <exception cref="BrokerException">A store cannot be reached, or refused.</exception>
    /// <exception cref="EnqueueFailedException">A callback was not confirmed.</exception>
    public Task EndAsync(Message message, MemberEnd end, GroupFailure? failure) => PatientlyAsync(async () =>
    {
        await _progress.EndAsync(message, end, failure, CancellationToken.None).ConfigureAwait(false);
        return true;
    });

    /// <summary>Of several publications of a callback, the one that is seen first runs, and runs again when it is redelivered.</summary>
    private async Task<bool> IsTheOneAsync(Message message, string token)
    {
        var key = GroupKeys.Run(message.MessageId);
        await _backend.AddAsync(key, 1, _settings.BarrierTtl, CancellationToken.None).ConfigureAwait(false);
        return await _backend.ArriveAsync(key, token, _settings.BarrierTtl, CancellationToken.None).ConfigureAwait(false) is not BarrierArrival.Waits;
    }

    private async Task<T> PatientlyAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken = default)
    {
        var started = _time.GetTimestamp();
        for (var wait = FirstWait; ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (BrokerException error) when (error.IsTransient && _time.GetElapsedTime(started) < _settings.Timeout)
            {
                await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
