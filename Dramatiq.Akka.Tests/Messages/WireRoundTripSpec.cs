using System.Numerics;
using System.Text;
using Dramatiq.Akka.Messages;
using FsCheck.Xunit;

namespace Dramatiq.Akka.Tests.Messages;

public sealed class WireRoundTripSpec
{
    private const int Mutations = 100_000;

    [Property(MaxTest = 500)]
    public bool Strings_must_round_trip(ushort[] units)
    {
        var text = new string([.. units.Select(unit => (char)unit)]);
        var json = WireJsonSpec.Written(text);
        return json.All(char.IsAscii) && WireJsonSpec.Read<string>(json) == text
            && WireJsonSpec.Read<string[]>("[" + json + "]")![0] == text;
    }

    [Property(MaxTest = 500)]
    public bool Doubles_must_round_trip(long bits)
    {
        var value = BitConverter.Int64BitsToDouble(bits * 0x5DEECE66D);
        return double.IsNaN(value)
            ? WireJsonSpec.Written(value) == "NaN"
            : WireJsonSpec.Read<double>(WireJsonSpec.Written(value)).Equals(value);
    }

    [Property(MaxTest = 500)]
    public bool Floats_must_round_trip(int bits)
    {
        var value = BitConverter.Int32BitsToSingle(bits * 0x41C64E6D);
        return WireJsonSpec.Read<float>(WireJsonSpec.Written(value)).Equals(value);
    }

    [Property(MaxTest = 300)]
    public bool Large_integers_must_round_trip(BigInteger value, byte power)
    {
        var large = BigInteger.Pow(value, power % 12);
        return WireJsonSpec.Read<BigInteger>(WireJsonSpec.Written(large)) == large;
    }

    [Property(MaxTest = 300)]
    public bool Nested_values_must_round_trip(int seed)
    {
        var json = WireJsonSpec.Written(Any(new Random(seed), depth: 4));
        return WireJsonSpec.Written(WireJsonSpec.Read<object>(json)) == json
            && WireJsonSpec.Written(new JsonText(json)) == json;
    }

    [Fact(Timeout = 60_000)]
    public Task Damaged_messages_must_be_refused_as_such_or_stay_readable() => Task.Run(() =>
    {
        var random = new Random(20260617);
        var refused = 0;
        for (var run = 0; run < Mutations; run++)
        {
            var body = Damaged(random);
            try
            {
                var again = Message.Decode(Message.Decode(body).Encode());
                Assert.NotNull(again.MessageId);
            }
            catch (DecodeException e)
            {
                Assert.InRange(e.Offset, -1, body.Length);
                refused++;
            }
        }

        Assert.InRange(refused, Mutations / 10, Mutations - 1);
    });

    [Fact(Timeout = 60_000)]
    public Task Every_cut_of_a_message_must_be_refused() => Task.Run(() =>
    {
        foreach (var body in MessageVectors.Bodies)
            for (var length = 0; length < body.Length; length++)
                Assert.Throws<DecodeException>(() => Message.Decode(body.AsMemory(0, length)));
    });

    private static byte[] Damaged(Random random)
    {
        var body = (byte[])Pick(random).Clone();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(body.Length);
            switch (random.Next(4))
            {
                case 0:
                    body[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    body = [.. body[..at], .. body[Math.Min(body.Length, at + random.Next(1, 9))..]];
                    break;
                case 2:
                    var other = Pick(random);
                    body = [.. body[..at], .. other[random.Next(other.Length)..]];
                    break;
                default:
                    body[at] = "\"\\{}[],:0-.eN\0\u007f"u8[random.Next(16) % 15];
                    break;
            }

            if (body.Length == 0) break;
        }

        return body;
    }

    private static byte[] Pick(Random random) => MessageVectors.Bodies[random.Next(MessageVectors.Bodies.Count)];

    private static object? Any(Random random, int depth) => random.Next(depth > 0 ? 8 : 6) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.NextInt64(long.MinValue, long.MaxValue),
        3 => random.NextDouble() * Math.Pow(10, random.Next(-20, 20)),
        4 => BigInteger.Pow(random.Next(2, 1000), random.Next(20, 40)),
        5 => new string([.. Enumerable.Range(0, random.Next(8)).Select(_ => (char)random.Next(char.MaxValue + 1))]),
        6 => Enumerable.Range(0, random.Next(5)).Select(_ => Any(random, depth - 1)).ToList(),
        _ => Enumerable.Range(0, random.Next(5)).ToDictionary(
            index => index + ((char)random.Next(char.MaxValue + 1)).ToString(), _ => Any(random, depth - 1)),
    };
}
