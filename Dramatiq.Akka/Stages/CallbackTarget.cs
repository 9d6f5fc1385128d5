using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>Finds the actor that a callback option names, so that a name that leads nowhere is told before work is done for nothing.</summary>
internal static class CallbackTarget
{
    /// <exception cref="DeclarationException">The actor was declared with a callback to an actor that was not.</exception>
    public static void Check(DeclaredActor actor, string option, Declarations declarations)
    {
        if (actor.Option<string?>(option, null) is { } name && !declarations.TryGet(name, out _))
            throw new DeclarationException(
                $"Actor '{actor.Name}': option '{option}' names actor '{name}', which is not declared (known: {declarations.KnownNames}). Declare it, without a handler if it runs elsewhere.");
    }

    /// <summary>The actor that the message names, else the one declared; null for none.</summary>
    public static string? NameOf(MessageContext context, string option, string? declared) =>
        context.Message.Options.TryGetString(option, out var name) && name.Length > 0 ? name : declared;

    /// <summary>A message to the target with two arguments: the message that called for it, and what there is to say. Python refuses a third, so all else is among the options.</summary>
    public static Message MessageTo(DeclaredActor target, Message about, ReadOnlySpan<byte> detail, MiddlewareServices services, Messages.MessageOptions? options = null)
    {
        var args = new WireWriter();
        args.WriteStartArray();
        about.WriteTo(args);
        args.WriteRaw(detail);
        args.WriteEndArray();
        return new Message(target.Queue, target.Name, args.ToArray(), "{}"u8.ToArray(), options ?? Messages.MessageOptions.Empty,
            Message.NewId(), services.Time.GetUtcNow().ToUnixTimeMilliseconds());
    }
}
