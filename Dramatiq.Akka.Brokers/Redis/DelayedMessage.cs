using Dramatiq.Akka.Messages;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>What a body in a delay queue says, and what becomes of it when it is due.</summary>
internal static class DelayedMessage
{
    /// <summary>It goes into its queue.</summary>
    public const string Run = "R";

    /// <summary>It is no message: it goes to the dead letters as it is.</summary>
    public const string Dead = "D";

    /// <summary>There is no body any more.</summary>
    public const string Gone = "G";

    /// <summary>When it is due, in ms since the Unix epoch. What has no eta that is a number is due now, as in Dramatiq; so is what cannot be read.</summary>
    public static double EtaOf(RedisValue body)
    {
        if (body.IsNull) return 0;
        try
        {
            return Message.Decode((ReadOnlyMemory<byte>)body).Options.TryGetDouble(OptionNames.Eta, out var eta) && double.IsFinite(eta) ? eta : 0;
        }
        catch (DecodeException)
        {
            return 0;
        }
    }

    public static (string What, RedisValue Id, RedisValue Body) Promoted(RedisValue body, string queue)
    {
        if (body.IsNull) return (Gone, "", "");
        try
        {
            var message = Message.Decode((ReadOnlyMemory<byte>)body);
            var id = Guid.NewGuid().ToString();
            return (Run, id, message.With(queueName: queue, options: message.Options.Without(OptionNames.Eta).With(OptionNames.RedisMessageId, id)).Encode());
        }
        catch (DecodeException)
        {
            return (Dead, "", body);
        }
    }
}
