using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.RateLimits;

/// <summary>
/// Owns the option <c>rate_limit</c>. It has no stage: a message needs room before it takes a worker, so what it declares is seen to where deliveries come in.
/// </summary>
public sealed class RateLimiting : Middleware
{
    internal const string OptionName = "rate_limit";
    private readonly bool _hasBackend;

    internal RateLimiting(bool hasBackend) => _hasBackend = hasBackend;

    /// <inheritdoc />
    public override IReadOnlyList<ActorOption> Options { get; } =
    [
        ActorOption.Custom(OptionName, "a RateLimit, or text such as concurrent(reports, 2) per tenant, bucket(mails, 100, 1s), window(api, 600, 60s)", static value => value switch
        {
            null => null,
            RateLimit limit => limit,
            string text => Parsed(text),
            _ => ActorOption.Refused,
        }),
    ];

    /// <summary>None: a message cannot say how often others may run.</summary>
    public override IReadOnlyList<string> MessageOptions => [];

    /// <inheritdoc />
    public override object? Prepare(DeclaredActor actor) =>
        actor.Option<RateLimit?>(OptionName, null) is { } limit ? new ActorLimit(actor, limit) : null;

    /// <inheritdoc />
    public override void Check(DeclaredActor actor, Declarations declarations)
    {
        if (actor.HasHandler && !_hasBackend && LimitOf(actor) is { Limit: var limit })
            throw new DeclarationException(
                $"Actor '{actor.Name}' has the rate limit {limit}, and no backend is named to count it. Add WithRedisRateLimits(\"redis://…\"), or WithInMemoryRateLimits() for a limit that no other process shares.");
    }

    internal ActorLimit? LimitOf(DeclaredActor actor) => actor.SettingsOf<ActorLimit>(this);

    private static object Parsed(string text)
    {
        try
        {
            return RateLimit.Parse(text);
        }
        catch (FormatException)
        {
            return ActorOption.Refused;
        }
    }
}
