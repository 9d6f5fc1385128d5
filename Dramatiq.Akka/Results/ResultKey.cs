using System.Security.Cryptography;
using System.Text;
using Dramatiq.Akka.Brokers;

namespace Dramatiq.Akka.Results;

/// <summary>Which result: that of one message, by the names that Python's Dramatiq builds its keys of.</summary>
/// <param name="Queue">The canonical queue of the message.</param>
/// <param name="ActorName">The actor that it is for.</param>
/// <param name="MessageId">Its id.</param>
public readonly record struct ResultKey(string Queue, string ActorName, string MessageId)
{
    /// <summary>The key of a message's result.</summary>
    public static ResultKey Of(Messages.Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return new(QueueName.Canonical(message.QueueName), message.ActorName, message.MessageId);
    }

    /// <summary>The key of the result of what was enqueued.</summary>
    public static ResultKey Of(Enqueued enqueued)
    {
        ArgumentNullException.ThrowIfNull(enqueued);
        return new(enqueued.Queue, enqueued.ActorName, enqueued.MessageId);
    }

    /// <summary>The key as a store knows it: readable, or the lower-case hexadecimal MD5 of that, which is Dramatiq's default.</summary>
    /// <param name="ns">The namespace; Dramatiq's is <c>dramatiq-results</c>.</param>
    /// <param name="readable">Whether to leave it readable: Python's <c>use_namespace_prefix_keys</c>.</param>
    public string ToText(string ns, bool readable)
    {
        var text = $"{ns}:{Queue}:{ActorName}:{MessageId}";
        return readable ? text : Hashed(text);
    }

    /// <summary>For logs and error texts.</summary>
    public override string ToString() => $"{ActorName} {MessageId} on {Queue}";

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5351", Justification = "This is how Python's Dramatiq names its keys; no secret depends on it.")]
    private static string Hashed(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
}
