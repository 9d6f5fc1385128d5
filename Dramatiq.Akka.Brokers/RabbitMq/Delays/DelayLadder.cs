using System.Globalization;
using System.Text;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq.Delays;

/// <summary>
/// How RabbitMQ delays by itself: level n is a queue whose messages expire after 2^n units. The routing key spells the delay in bits, highest first, then the queue's name:
/// a message waits on the levels of its ones, falls past its zeros, and reaches its queue from the exchange at the end. All messages of one level have the same time to live,
/// so none waits behind a longer one.
/// </summary>
internal static class DelayLadder
{
    public const int Levels = 28;
    public const string Due = "dramatiq.due";
    private const string Unclaimed = "dramatiq.due.unclaimed";
    private const string Prefix = "dramatiq.delay.";
    private const int MaxRoutingKey = 255;
    private static readonly string DueWords = string.Concat(Enumerable.Repeat("*.", Levels));

    /// <summary>In units; null where the ladder is too short for the delay, or the routing key for the name.</summary>
    public static long? Units(TimeSpan delay, TimeSpan unit, string queue)
    {
        var units = Math.Max(1, (delay.Ticks + unit.Ticks - 1) / unit.Ticks);
        return units < 1L << Levels && 2 * Levels + Encoding.UTF8.GetByteCount(queue) <= MaxRoutingKey ? units : null;
    }

    /// <summary>Where a message enters the ladder: at the level of its highest bit.</summary>
    public static string EntryOf(long units) => Exchange(63 - System.Numerics.BitOperations.LeadingZeroCount((ulong)units));

    public static string RoutingKey(long units, string queue) => string.Create(2 * Levels + queue.Length, (units, queue), static (text, key) =>
    {
        for (var level = Levels - 1; level >= 0; level--)
        {
            var place = 2 * (Levels - 1 - level);
            text[place] = (key.units >> level & 1) == 1 ? '1' : '0';
            text[place + 1] = '.';
        }

        key.queue.CopyTo(text[(2 * Levels)..]);
    });

    /// <summary>Declares all levels. What becomes due for a queue that is not there any more is kept in <c>dramatiq.due.unclaimed</c>.</summary>
    public static async Task DeclareAsync(IChannel channel, TimeSpan unit, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(Unclaimed, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.QueueDeclareAsync(Unclaimed, durable: true, exclusive: false, autoDelete: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.QueueBindAsync(Unclaimed, Unclaimed, "", cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.ExchangeDeclareAsync(
            Due, ExchangeType.Topic, durable: true, autoDelete: false, new Dictionary<string, object?> { ["alternate-exchange"] = Unclaimed }, cancellationToken: cancellationToken).ConfigureAwait(false);

        for (var level = 0; level < Levels; level++)
            await DeclareLevelAsync(channel, level, unit, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets what is due for the queue reach it.</summary>
    public static Task BindAsync(IChannel channel, string queue, CancellationToken cancellationToken) =>
        channel.QueueBindAsync(queue, Due, DueWords + queue, cancellationToken: cancellationToken);

    /// <summary>The name of a level's exchange and of its queue.</summary>
    public static string Exchange(int level) => Prefix + level.ToString("00", CultureInfo.InvariantCulture);

    public static bool IsLevel(string queue) => queue.Length == Prefix.Length + 2 && queue.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Whether a message with this routing key is on its way to the queue.</summary>
    public static bool IsFor(string routingKey, string queue) => routingKey.Length == 2 * Levels + queue.Length && routingKey.EndsWith(queue, StringComparison.Ordinal);

    private static async Task DeclareLevelAsync(IChannel channel, int level, TimeSpan unit, CancellationToken cancellationToken)
    {
        var name = Exchange(level);
        var below = level == 0 ? Due : Exchange(level - 1);
        var higherBits = string.Concat(Enumerable.Repeat("*.", Levels - 1 - level));
        var arguments = new Dictionary<string, object?>
        {
            ["x-dead-letter-exchange"] = below,
            ["x-message-ttl"] = Topology.QueueArguments.Number(unit * (1L << level)),
        };
        await channel.ExchangeDeclareAsync(name, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.QueueBindAsync(name, name, higherBits + "1.#", cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.ExchangeBindAsync(below, name, higherBits + "0.#", cancellationToken: cancellationToken).ConfigureAwait(false);
    }
}
