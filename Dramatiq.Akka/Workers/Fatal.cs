namespace Dramatiq.Akka.Workers;

/// <summary>Exceptions after which this process cannot be trusted: they go up to the root, which starts everything anew with the messages back in their queues.</summary>
internal static class Fatal
{
    /// <summary>Whether it is one, also where a constructor threw it: each supervisor on its way up is then shown what Akka has wrapped around it.</summary>
    public static bool Is(Exception error) => FailureOf.Cause(error) is OutOfMemoryException or AccessViolationException or InvalidProgramException;

    public static Func<Exception, Directive> DirectiveOr(Directive otherwise) => error => Is(error) ? Directive.Escalate : otherwise;
}
