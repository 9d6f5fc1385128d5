using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>
/// Makes the message in hand known to whatever a handler calls, across awaits, without passing it along: <see cref="Value"/>. Not among the defaults, as in Dramatiq; a
/// <see cref="TaskActor"/> has its own <c>CurrentMessage</c> without this.
/// </summary>
public sealed class CurrentMessage : Middleware
{
    private static readonly AsyncLocal<Message?> InHand = new();

    /// <summary>The message that the calling handler has in hand; null outside of a handler, or where this middleware is not registered.</summary>
    public static Message? Value => InHand.Value;

    internal static void Enter(MessageContext context)
    {
        if (context.Actor.ExposesCurrentMessage)
            InHand.Value = context.Message;
    }

    /// <summary>After a handler has returned to its actor, which may go on with something else; what the handler left running keeps what it saw.</summary>
    internal static void Leave(MessageContext context)
    {
        if (context.Actor.ExposesCurrentMessage)
            InHand.Value = null;
    }
}
