using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka;

/// <summary>Which member of a group, or step of a pipeline, was given up first, and why: what a failure callback is told among its options.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="ActorName">The actor it was for.</param>
/// <param name="Type">The name of the exception's type, without a namespace; <c>Exception</c> where there was none.</param>
/// <param name="Message">The exception's message, or the reason why it was given up.</param>
public sealed record GroupFailure(string MessageId, string ActorName, string Type, string Message)
{
    /// <summary>What the message in hand of a failure callback says; null for any other message.</summary>
    /// <param name="callback">The callback: <see cref="TaskActor.CurrentMessage"/>, or a delegate's <see cref="Stages.MessageContext.Message"/>.</param>
    public static GroupFailure? Of(Message callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return callback.Options.TryGetRaw(OptionNames.GroupFailure, out var json) ? WireJson.Default.Read<GroupFailure>(json.Span) : null;
    }

    internal byte[] Write()
    {
        var writer = WireWriter.Rent();
        writer.WriteStartObject();
        writer.WriteName("message_id");
        writer.WriteString(MessageId);
        writer.WriteName("actor_name");
        writer.WriteString(ActorName);
        writer.WriteName("type");
        writer.WriteString(Type);
        writer.WriteName("message");
        writer.WriteString(Message);
        writer.WriteEndObject();
        var json = writer.ToArray();
        writer.Return();
        return json;
    }
}
