namespace Dramatiq.Akka.Workers;

/// <summary>One for one, without a limit on restarts, and with the failed child known to the decision. The worker logs, so this does not.</summary>
internal sealed class ChildSupervision(Func<IActorRef, Exception, Directive> decide)
    : OneForOneStrategy(-1, -1, static _ => Directive.Restart, loggingEnabled: false)
{
    protected override Directive Handle(IActorRef child, Exception exception) => decide(child, exception);
}
