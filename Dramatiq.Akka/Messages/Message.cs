namespace Dramatiq.Akka.Messages;

/// <summary>
/// A message as it is on the wire. Immutable. Arguments and options stay the JSON text that they came as, so that a message
/// costs no more than its envelope until somebody looks inside, and passes on whatever it holds untouched.
/// </summary>
public sealed class Message
{
    // What the sender wrote, where writing it anew could differ: an id in its quotes, a timestamp that is a float.
    private readonly ReadOnlyMemory<byte> _idText;
    private readonly ReadOnlyMemory<byte> _timestampText;
    private string? _id;

    /// <summary>Creates a message.</summary>
    /// <param name="queueName">The queue.</param>
    /// <param name="actorName">Who is to handle it.</param>
    /// <param name="args">The positional arguments: the text of a JSON array. It is not checked or copied, and must not change.</param>
    /// <param name="kwargs">The named arguments: the text of a JSON object. It is not checked or copied, and must not change.</param>
    /// <param name="options">The options.</param>
    /// <param name="messageId">The id; see <see cref="NewId"/>.</param>
    /// <param name="messageTimestamp">When the message was made, in milliseconds since the Unix epoch.</param>
    public Message(
        string queueName,
        string actorName,
        ReadOnlyMemory<byte> args,
        ReadOnlyMemory<byte> kwargs,
        MessageOptions options,
        string messageId,
        long messageTimestamp)
    {
        ArgumentNullException.ThrowIfNull(queueName);
        ArgumentNullException.ThrowIfNull(actorName);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(messageId);
        QueueName = queueName;
        ActorName = actorName;
        Args = args;
        Kwargs = kwargs;
        Options = options;
        _id = messageId;
        MessageTimestamp = messageTimestamp;
    }

    internal Message(in Envelope envelope)
    {
        QueueName = envelope.QueueName;
        ActorName = envelope.ActorName;
        Args = envelope.Args;
        Kwargs = envelope.Kwargs;
        Options = envelope.Options;
        _id = envelope.Id;
        _idText = envelope.IdText;
        MessageTimestamp = envelope.Timestamp;
        _timestampText = envelope.TimestampText;
    }

    /// <summary>The queue as on the wire: <c>q</c>, or <c>q.DQ</c> for a delayed message of Python's.</summary>
    public string QueueName { get; }

    /// <summary>Who is to handle the message.</summary>
    public string ActorName { get; }

    /// <summary>The positional arguments: the text of a JSON array.</summary>
    public ReadOnlyMemory<byte> Args { get; }

    /// <summary>The named arguments: the text of a JSON object.</summary>
    public ReadOnlyMemory<byte> Kwargs { get; }

    /// <summary>The options.</summary>
    public MessageOptions Options { get; }

    /// <summary>The id, as a rule a lower-case UUID. It stays the same through retries and delays.</summary>
    public string MessageId => _id ??= WireStrings.Decode(_idText.Span[1..^1]);

    /// <summary>
    /// When the message was made, in milliseconds since the Unix epoch; retries and delays leave it alone. A float on the
    /// wire is truncated here, and written back as it was.
    /// </summary>
    public long MessageTimestamp { get; }

    /// <summary>Reads a message. The result keeps slices of <paramref name="body"/>, which must not change any more.</summary>
    /// <param name="body">The bytes of one message.</param>
    /// <param name="time">The clock for a message that has no timestamp; null for the system's.</param>
    /// <exception cref="DecodeException">The bytes are no message; nothing else is ever thrown.</exception>
    public static Message Decode(ReadOnlyMemory<byte> body, TimeProvider? time = null) => new(Envelope.Read(body, time));

    /// <summary>Reads a message that another one holds in an option, such as <see cref="OptionNames.PipeTarget"/>.</summary>
    /// <param name="json">The text of the option.</param>
    /// <exception cref="DecodeException">The text is no message.</exception>
    public static Message DecodeNested(ReadOnlyMemory<byte> json) => Decode(json);

    /// <summary>A new message id: a random UUID in lower case.</summary>
    public static string NewId() => Guid.NewGuid().ToString();

    /// <summary>The bytes of the message, as Python would write them.</summary>
    public byte[] Encode()
    {
        var writer = WireWriter.Rent();
        WriteTo(writer);
        var body = writer.ToArray();
        writer.Return();
        return body;
    }

    /// <summary>Writes the message as one JSON value.</summary>
    public void WriteTo(WireWriter writer)
    {
        writer.WriteRaw("{\"queue_name\":"u8);
        writer.AppendString(QueueName);
        writer.Append(",\"actor_name\":"u8);
        writer.AppendString(ActorName);
        writer.Append(",\"args\":"u8);
        writer.Append(Args.Span);
        writer.Append(",\"kwargs\":"u8);
        writer.Append(Kwargs.Span);
        writer.Append(",\"options\":"u8);
        Options.AppendTo(writer);
        writer.Append(",\"message_id\":"u8);
        if (_idText.IsEmpty) writer.AppendString(MessageId);
        else writer.Append(_idText.Span);
        writer.Append(",\"message_timestamp\":"u8);
        if (_timestampText.IsEmpty) writer.AppendNumber(MessageTimestamp);
        else writer.Append(_timestampText.Span);
        writer.Append("}"u8);
    }

    /// <summary>A copy with some fields replaced; null keeps what is there.</summary>
    /// <param name="queueName">The queue.</param>
    /// <param name="options">The options.</param>
    /// <param name="args">The positional arguments: the text of a JSON array, not checked or copied.</param>
    /// <param name="messageId">The id.</param>
    public Message With(string? queueName = null, MessageOptions? options = null, ReadOnlyMemory<byte>? args = null, string? messageId = null) =>
        new(new Envelope
        {
            QueueName = queueName ?? QueueName,
            ActorName = ActorName,
            Args = args ?? Args,
            Kwargs = Kwargs,
            Options = options ?? Options,
            Id = messageId ?? _id,
            IdText = messageId is null ? _idText : default,
            Timestamp = MessageTimestamp,
            TimestampText = _timestampText,
        });

    /// <summary>The actor, the queue and the id, for logs; never the arguments.</summary>
    public override string ToString() => $"{ActorName} {MessageId} on {QueueName}";
}
