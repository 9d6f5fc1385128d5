using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Stages;

/// <summary>Decides about failed messages on their way back.</summary>
internal sealed class RetriesStage(Retries middleware, MiddlewareServices services) : PublishingStage(services)
{
    private readonly ILoggingAdapter _log = Context.GetLogger();

    protected override void Before(MessageContext context)
    {
        if (context.Message.Options.TryGetString(OptionNames.OnRetryExhausted, out var name) && name.Length > 0 && !Services.Declarations.TryGet(name, out _))
        {
            var error = new UnknownTargetException(context.Actor.Name, OptionNames.OnRetryExhausted, name, Services.Declarations.KnownNames);
            Pass(context, new Outcome.Dead(error.Message, error));
            return;
        }

        Pass(context);
    }

    protected override void After(MessageContext context, Outcome outcome)
    {
        if (outcome is not Outcome.Failed { Error: var error })
        {
            Pass(context, outcome);
            return;
        }

        context.IsDecided = true;
        var settings = context.Actor.SettingsOf<RetriesSettings>(middleware).For(context.Message.Options);
        context.MaxAttempts = settings.When is null ? settings.MaxRetries + 1 : null;
        if (ThrowsOption.Matches(context, error))
        {
            Pass(context, new Outcome.Dead($"expected {error.GetType().Name}: {error.Message}", error));
            return;
        }

        var retries = context.Attempt - 1;
        Replace(context, context.Message.With(options: context.Message.Options
            .With(OptionNames.Retries, (long)retries + 1)
            .With(OptionNames.Traceback, Traceback.Of(error))
            .With(OptionNames.RequeueTimestamp, Services.Time.GetUtcNow().ToUnixTimeMilliseconds())));

        if (IsExhausted(settings, retries, error, out var reason))
            GiveUp(context, settings, retries, new Outcome.Dead(reason, error));
        else
            TryAgain(context, settings, retries, error);
    }

    private static bool IsExhausted(RetriesSettings settings, int retries, Exception error, out string reason)
    {
        reason = $"attempt {retries + 1} was the last: {error.GetType().Name}: {error.Message}";
        if (settings.When is null)
            return settings.MaxRetries is { } most && retries >= most;

        try
        {
            return !settings.When(retries, error);
        }
        catch (Exception fault)
        {
            reason = $"retry_when threw {fault.GetType().Name} ({fault.Message}) when asked about {error.GetType().Name}: {error.Message}";
            return true;
        }
    }

    private void TryAgain(MessageContext context, RetriesSettings settings, int retries, Exception error)
    {
        var delay = (error as RetryException)?.Delay
            ?? Backoff.Of(retries, settings.MinBackoffMs, settings.MaxBackoffMs, Services.Random.NextDouble(), Services.Random.NextDouble());

        if (error is RetryException or RateLimitExceededException)
            _log.Info("{0} {1} is tried again in {2} (attempt {3}): {4}", context.Actor.Name, context.Message.MessageId, DurationText.Of(delay), context.Attempt + 1, error.Message);
        else
            _log.Warning("{0} {1} failed (attempt {2}) and is tried again in {3}: {4}: {5}", context.Actor.Name, context.Message.MessageId,
                context.MaxAttempts is { } most ? $"{context.Attempt} of {most}" : $"{context.Attempt}", DurationText.Of(delay), error.GetType().Name, error.Message);

        PublishThenPass(context, new Outcome.Retried(error, delay), context.Message, delay);
    }

    private void GiveUp(MessageContext context, RetriesSettings settings, int retries, Outcome.Dead dead)
    {
        if (settings.OnExhausted is not { } name || !Services.Declarations.TryGet(name, out var target))
        {
            Pass(context, dead);
            return;
        }

        var detail = new WireWriter();
        detail.WriteStartObject();
        detail.WriteName("retries");
        detail.WriteNumber(retries);
        detail.WriteName("max_retries");
        if (settings.MaxRetries is { } most)
            detail.WriteNumber(most);
        else
            detail.WriteNull();
        detail.WriteEndObject();
        PublishThenPass(context, dead, CallbackTarget.MessageTo(target, context.Message, detail.Written, Services), null);
    }
}
