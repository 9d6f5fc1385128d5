using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Tests.Stages;

/// <summary>A user's middleware that does what a test says, and keeps what came by.</summary>
internal sealed class ScriptedMiddleware(string name, Feed<string>? seen = null) : Middleware
{
    public override string Name => name;

    public Action<ScriptedStage, MessageContext> Before { get; init; } = static (stage, context) => stage.LetPass(context);

    public Action<ScriptedStage, MessageContext, Outcome> After { get; init; } = static (stage, context, outcome) => stage.LetPass(context, outcome);

    public IReadOnlyList<ActorOption> Owned { get; init; } = [];

    public bool Always { get; init; } = true;

    public override IReadOnlyList<ActorOption> Options => Owned;

    public override Props ProcessingStage => Props.Create(() => new ScriptedStage(this));

    public override bool IsNeededBy(DeclaredActor actor) => Always;

    public void See(string what) => seen?.Add($"{what} {name}");
}

internal sealed class ScriptedStage(ScriptedMiddleware script) : Stage
{
    public void LetPass(MessageContext context) => Pass(context);

    public void LetPass(MessageContext context, Outcome outcome) => Pass(context, outcome);

    public void SkipIt(MessageContext context, string reason) => Skip(context, reason);

    public void FailIt(MessageContext context, Exception error) => Fail(context, error);

    public static void Change(MessageContext context, Akka.Messages.Message message) => Replace(context, message);

    public void WaitFor(Task task, MessageContext context) => task.PipeTo(Self, success: () => context);

    protected override void Before(MessageContext context)
    {
        script.See("before");
        script.Before(this, context);
    }

    protected override void After(MessageContext context, Outcome outcome)
    {
        script.See($"after {outcome.GetType().Name}");
        script.After(this, context, outcome);
    }

    protected override void OnMessage(object message) => Pass((MessageContext)message);
}
