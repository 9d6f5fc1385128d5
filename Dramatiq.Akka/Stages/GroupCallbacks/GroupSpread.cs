using Dramatiq.Akka.Messages;
using Dramatiq.Akka.RateLimits;

namespace Dramatiq.Akka.Stages;

/// <summary>
/// The option <c>group_members</c>: a group that follows in a pipeline is one message to whoever runs the step before, Python too. It brings the other members along, and whoever runs it enqueues
/// them first: <c>{"args": how many arguments it has without the result, "barriers": [[key, parties]], "messages": [the others]}</c>.
/// </summary>
internal sealed class GroupSpread(IRateLimiterBackend backend, GroupPublisher publisher, GroupCallbacksSettings settings)
{
    public static byte[] Write(int args, IReadOnlyList<(string Key, int Parties)> barriers, IEnumerable<Message> others)
    {
        var writer = new WireWriter();
        writer.WriteStartObject();
        writer.WriteName("args");
        writer.WriteNumber(args);
        writer.WriteName("barriers");
        writer.WriteStartArray();
        foreach (var (key, parties) in barriers)
        {
            writer.WriteStartArray();
            writer.WriteString(key);
            writer.WriteNumber(parties);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteName("messages");
        writer.WriteStartArray();
        foreach (var other in others)
            other.WriteTo(writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
        return writer.ToArray();
    }

    /// <summary>Makes the barriers and enqueues the others; gives back the message without them. Told twice, it does so once, but for a process killed halfway: then they are enqueued again, under the same ids.</summary>
    /// <exception cref="DecodeException">What it brings along cannot be read.</exception>
    /// <exception cref="EnqueueFailedException">One of the others was not confirmed.</exception>
    public async Task<Message> SpreadAsync(Message message, CancellationToken cancellationToken)
    {
        if (!message.Options.TryGetRaw(OptionNames.GroupMembers, out var json))
            return message;

        var (args, barriers, others) = Read(json);
        var mark = GroupKeys.Spread(message.MessageId);
        if (await backend.IncrementAsync(mark, 0, 0, settings.BarrierTtl, cancellationToken).ConfigureAwait(false))
        {
            foreach (var (key, parties) in barriers)
                await backend.AddAsync(key, parties, settings.BarrierTtl, cancellationToken).ConfigureAwait(false);
            await publisher.PublishAllAsync(WithResult(message, args, others)).ConfigureAwait(false);
            await backend.IncrementAsync(mark, 1, 1, settings.BarrierTtl, cancellationToken).ConfigureAwait(false);
        }

        return message.With(options: message.Options.Without(OptionNames.GroupMembers));
    }

    /// <summary>The others with the result that this one was given, each after the rest of its delay.</summary>
    private static List<(Message, TimeSpan?)> WithResult(Message message, int args, List<Message> others)
    {
        var isGiven = PipedArguments.Count(message.Args.Span, out var last) > args;
        var waited = GroupCallbacksSettings.DelayOf(message.Options) ?? TimeSpan.Zero;
        var all = new List<(Message, TimeSpan?)>(others.Count);
        foreach (var other in others)
        {
            var takesIt = isGiven && !other.Options.IsTruthy(OptionNames.PipeIgnore);
            all.Add((takesIt ? other.With(args: PipedArguments.WithLast(other.Args.Span, message.Args.Span[last])) : other, GroupCallbacksSettings.DelayOf(other.Options) - waited));
        }

        return all;
    }

    private static (int Args, List<(string Key, int Parties)> Barriers, List<Message> Others) Read(ReadOnlyMemory<byte> json)
    {
        var reader = new WireReader(json.Span);
        var args = 0;
        var barriers = new List<(string, int)>();
        var others = new List<Message>();
        reader.EnterObject();
        while (reader.NextName(out string name))
        {
            switch (name)
            {
                case "args":
                    args = (int)reader.ReadInt64();
                    break;
                case "barriers":
                    reader.EnterArray();
                    while (reader.NextItem())
                        barriers.Add(ReadBarrier(ref reader));
                    break;
                case "messages":
                    reader.EnterArray();
                    while (reader.NextItem())
                        others.Add(Message.DecodeNested(json[reader.Skip()]));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return (args, barriers, others);
    }

    private static (string Key, int Parties) ReadBarrier(ref WireReader reader)
    {
        reader.EnterArray();
        var key = reader.NextItem() ? reader.ReadString() : "";
        var parties = reader.NextItem() ? reader.ReadInt64() : 0;
        return key.Length > 0 && parties is > 0 and <= int.MaxValue && !reader.NextItem()
            ? (key, (int)parties)
            : throw new DecodeException("a barrier of group_members must be [key, parties]", reader.Position);
    }
}
