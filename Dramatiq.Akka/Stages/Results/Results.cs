using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>
/// Stores what a task returns, or why it was given up, for whoever reads it with <see cref="Enqueued.GetResultAsync{T}"/> or Python's <c>get_result</c>. It is the last of the middleware, and is
/// there when <c>WithInMemoryResults()</c>, <c>WithRedisResults()</c> or <see cref="DramatiqBuilder.AddResults(Dramatiq.Akka.Results.IResultBackend)"/> names a store.
/// </summary>
/// <remarks>
/// A message has a result at each of its ends: done, skipped (null, as in Dramatiq), given up, and too old, badly addressed or handed out too often, of which Dramatiq stores nothing. A failed
/// attempt that is tried again stores nothing.
/// </remarks>
public sealed class Results : Middleware
{
    private readonly ResultsSettings _defaults;

    internal Results(ResultsSettings defaults) => _defaults = defaults;

    /// <inheritdoc />
    public override IReadOnlyList<ActorOption> Options { get; } = [ActorOption.Flag(OptionNames.StoreResults), ActorOption.Duration(OptionNames.ResultTtl)];

    /// <inheritdoc />
    public override IReadOnlyList<string> MessageOptions { get; } = [OptionNames.StoreResults];

    /// <inheritdoc />
    public override bool ReadsResult => true;

    /// <inheritdoc />
    public override Props ProcessingStage => Props.Create(() => new ResultsStage(this, Services));

    /// <inheritdoc />
    public override object Prepare(DeclaredActor actor) => ResultsSettings.Of(actor, _defaults);

    /// <inheritdoc />
    public override bool IsNeededBy(DeclaredActor actor) => actor.SettingsOf<ResultsSettings>(this).Stores;

    /// <summary>Whether a message's result is stored, and for how long: the message is asked first, then its actor, then the defaults. As in Dramatiq, what is there counts, be it false.</summary>
    internal bool Stores(Message message, DeclaredActor? actor, out TimeSpan ttl)
    {
        var settings = actor?.SettingsOf<ResultsSettings>(this) ?? _defaults;
        ttl = settings.Ttl;
        var options = message.Options;
        if (options.Count == 0)
            return settings.Stores;

        if (options.TryGetDouble(OptionNames.ResultTtl, out var own) && own >= 0)
            ttl = ResultsSettings.FromMs(own);
        return options.Contains(OptionNames.StoreResults) ? options.IsTruthy(OptionNames.StoreResults) : settings.Stores;
    }
}
