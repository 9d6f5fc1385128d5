using System.Text;
using Dramatiq.Akka.Messages;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Messages;

public sealed class MessageSpec
{
    private const string Start = """{"queue_name":"q","actor_name":"a","args":[],"kwargs":{},"options":{}""";

    public static TheoryData<string> Vectors => MessageVectors.Names;

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Message_must_encode_every_vector_as_it_was(string name)
    {
        var message = Message.Decode(MessageVectors.Body(name));

        Assert.Equal(MessageVectors.Wire(name), Encoding.UTF8.GetString(message.Encode()));
        Assert.Equal(MessageVectors.Wire(name), Encoding.UTF8.GetString(Rebuilt(message).Encode()));
    }

    [Fact]
    public void Message_must_read_all_fields()
    {
        var message = Message.Decode(MessageVectors.Body("both"));

        Assert.Equal("math", message.QueueName);
        Assert.Equal("add", message.ActorName);
        Assert.Equal("[1]", Text(message.Args));
        Assert.Equal("{\"y\":2}", Text(message.Kwargs));
        Assert.Same(MessageOptions.Empty, message.Options);
        Assert.Equal("0ac0b9bc-d6b3-48f8-80b4-66390d5574e8", message.MessageId);
        Assert.Equal(1795354555834, message.MessageTimestamp);
    }

    [Fact]
    public void Message_must_share_the_names_that_it_has_seen() => Assert.Contains(
        Enumerable.Range(0, 100),   // other tests, beside this one, may take the names' places between the two
        static _ => Message.Decode(MessageVectors.Body("both")) is var one && Message.Decode(MessageVectors.Body("both")) is var other
            && ReferenceEquals(one.QueueName, other.QueueName) && ReferenceEquals(one.ActorName, other.ActorName));

    [Fact]
    public void Message_must_make_up_what_may_be_absent()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1234));

        var message = Message.Decode(Bytes(Start + "}"), time);

        Assert.Equal(1234, message.MessageTimestamp);
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", message.MessageId);
        Assert.Equal(message.MessageId, Message.Decode(message.Encode()).MessageId);
    }

    [Fact]
    public void Message_must_keep_a_float_timestamp_as_it_was()
    {
        var body = Start + ""","message_id":"i","message_timestamp":1795354555834.75}""";

        var message = Message.Decode(Bytes(body));

        Assert.Equal(1795354555834, message.MessageTimestamp);
        Assert.Equal(body, Encoding.UTF8.GetString(message.Encode()));
        Assert.EndsWith("1795354555834.75}", Encoding.UTF8.GetString(message.With(messageId: "j").Encode()), StringComparison.Ordinal);
    }

    [Fact]
    public void Message_must_take_blanks_escaped_names_and_the_last_of_two_fields()
    {
        var message = Message.Decode(Bytes(
            " { \"queue\\u005fname\" : \"p\" , \"queue_name\":\"q\",\n\"actor_name\":\"a\",\"args\":[ 1 , 2 ],\"kwargs\":{},\"options\":{ \"x\" : 1 , \"x\" : 2 }} \t"));

        Assert.Equal("q", message.QueueName);
        Assert.Equal("[ 1 , 2 ]", Text(message.Args));
        Assert.Equal(1, message.Options.Count);
        Assert.Equal("2", Text(message.Options.RawAt(0)));
    }

    [Fact]
    public void Message_must_replace_only_what_With_names()
    {
        var message = Message.Decode(MessageVectors.Body("options"));

        var copy = message.With(queueName: "other", args: Bytes("[9]"), messageId: "new");

        Assert.Equal(
            MessageVectors.Wire("options").Replace("\"math\"", "\"other\"", StringComparison.Ordinal)
                .Replace("[1,2]", "[9]", StringComparison.Ordinal).Replace(message.MessageId, "new", StringComparison.Ordinal),
            Encoding.UTF8.GetString(copy.Encode()));
    }

    [Fact]
    public void Message_must_read_the_one_inside_another()
    {
        var head = Message.Decode(MessageVectors.Body("pipeline-head"));

        Assert.True(head.Options.TryGetRaw(OptionNames.PipeTarget, out var json));
        var second = Message.DecodeNested(json);
        Assert.Equal(Text(json), Encoding.UTF8.GetString(second.Encode()));
        Assert.True(second.Options.TryGetRaw(OptionNames.PipeTarget, out json));
        Assert.True(Message.DecodeNested(json).Options.IsTruthy(OptionNames.PipeIgnore));
    }

    [Theory]
    [InlineData("", "Cannot decode: the text ends too early, at byte 0.", 0)]
    [InlineData("[]", "Cannot decode: an object is expected, at byte 0.", 0)]
    [InlineData("{}", "Cannot decode: the field 'queue_name' is missing, at byte 2.", 2)]
    [InlineData("{\"queue_name\":1}", "Cannot decode: a string is expected, in field 'queue_name', at byte 14.", 14)]
    [InlineData("{\"queue_name\":\"q\"", "Cannot decode: the text ends too early, in field 'queue_name', at byte 17.", 17)]
    [InlineData("{\"args\":{}}", "Cannot decode: an array is expected, in field 'args', at byte 8.", 8)]
    [InlineData("{\"kwargs\":[]}", "Cannot decode: an object is expected, in field 'kwargs', at byte 10.", 10)]
    [InlineData("{\"options\":null}", "Cannot decode: an object is expected, in field 'options', at byte 11.", 11)]
    [InlineData("{\"args\":[01]}", "Cannot decode: ',' or ']' is expected, in field 'args', at byte 10.", 10)]
    [InlineData("{\"args\":[1,]}", "Cannot decode: a value is expected, in field 'args', at byte 11.", 11)]
    [InlineData("{\"args\":[-]}", "Cannot decode: a value is expected, in field 'args', at byte 9.", 9)]
    [InlineData("{\"args\":[\"\t\"]}", "Cannot decode: control character 0x09 in a string must be escaped, in field 'args', at byte 10.", 10)]
    [InlineData("{\"args\":[\"\\x\"]}", "Cannot decode: unknown escape in a string, in field 'args', at byte 10.", 10)]
    [InlineData("{\"args\":[\"\\u12g4\"]}", "Cannot decode: \\u in a string must be followed by four hex digits, in field 'args', at byte 10.", 10)]
    [InlineData("{\"message_id\":5}", "Cannot decode: a string is expected, in field 'message_id', at byte 14.", 14)]
    [InlineData("{\"message_timestamp\":NaN}", "Cannot decode: a number of milliseconds that fits 64 bits is expected, in field 'message_timestamp', at byte 21.", 21)]
    [InlineData("{\"tenant\":1}", "Cannot decode: 'tenant' is no field of a message (those are queue_name, actor_name, args, kwargs, options, message_id, message_timestamp; anything else belongs into options), in field 'tenant', at byte 10.", 10)]
    [InlineData(Start + "}x", "Cannot decode: nothing more is expected after the value, at byte 70.", 70)]
    public void Message_must_say_what_is_wrong_and_where(string body, string text, long offset)
    {
        var exception = Assert.Throws<DecodeException>(() => Message.Decode(Bytes(body)));

        Assert.Equal(text, exception.Message);
        Assert.Equal(offset, exception.Offset);
    }

    [Fact]
    public void Message_must_refuse_bytes_that_are_not_UTF8()
    {
        byte[] body = [.. "{\"args\":[\""u8, 0xc3, 0x28, .. "\"]}"u8];

        var exception = Assert.Throws<DecodeException>(() => Message.Decode(body));

        Assert.Equal("Cannot decode: the bytes are not UTF-8, at byte 10.", exception.Message);
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public void Message_must_refuse_nesting_beyond_the_limit(string open, string close)
    {
        string Nested(int depth) => Start[..^12] + "\"options\":{\"x\":" + Repeat(open, depth) + "1" + Repeat(close, depth) + "}}";

        Assert.NotNull(Message.Decode(Bytes(Nested(WireReader.MaxDepth - 2))));
        var exception = Assert.Throws<DecodeException>(() => Message.Decode(Bytes(Nested(WireReader.MaxDepth - 1))));
        Assert.Contains("nested deeper than 1024 levels, in field 'options'", exception.Message, StringComparison.Ordinal);
        Assert.Throws<DecodeException>(() => Message.Decode(Bytes(Nested(1_000_000))));
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    // The same message out of its parts, so that nothing of the original body is copied but arguments.
    private static Message Rebuilt(Message message)
    {
        var options = MessageOptions.Empty;
        foreach (var (name, raw) in message.Options) options = options.WithRaw(name, raw);
        return new Message(message.QueueName, message.ActorName, message.Args, message.Kwargs, options, message.MessageId, message.MessageTimestamp);
    }

    private static string Text(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
