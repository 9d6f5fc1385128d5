namespace Dramatiq.Akka.Workers;

/// <summary>Exceptions after which this process cannot be trusted: they go up to the root, which starts everything anew with the messages back in their queues.</summary>
internal static class Fatal
{
    public static bool Is(Exception error) => error is OutOfMemoryException or AccessViolationException or InvalidProgramException;

    public static Func<Exception, Directive> DirectiveOr(Directive otherwise) => error => Is(error) ? Directive.Escalate : otherwise;
}
