using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Tests.Messages;

public sealed class WireJsonSpec
{
    private enum Colour { DarkRed, Blue }

    private sealed record Item(string? Name, double Price, Colour Colour, object? Extra, JsonText Raw, int? Count = null);

    [Fact]
    public void Values_must_be_written_as_Python_wrote_them()
    {
        Assert.Equal(Args("scalars"), Written<object>(new List<object?>
        {
            0, -1, 3.5, 1e300, 9007199254740993, BigInteger.Pow(2, 64), BigInteger.Pow(2, 200), true, false, null, "",
        }));
        Assert.Equal(Args("not-a-number"), Written<List<double>>([double.NaN, double.PositiveInfinity, double.NegativeInfinity]));
        Assert.Equal(Args("unicode"), Written<List<string>>(["héllo 你好 😀 \0 \"\\/"]));
        Assert.Equal(Args("lone-surrogate"), Written<List<string>>(["\ud83d"]));
        Assert.Equal(Args("nested"), Written<object>(NaturalRead(Args("nested"))!));
    }

    [Theory]
    [InlineData(1.0, "1.0")]
    [InlineData(-0.0, "-0.0")]
    [InlineData(1e15, "1000000000000000.0")]
    [InlineData(9007199254740993.0, "9007199254740992.0")]
    [InlineData(1234567890123456.8, "1234567890123456.8")]
    [InlineData(-1234567890123456.2, "-1234567890123456.2")]
    [InlineData(1e16, "1e+16")]
    [InlineData(1.5e16, "1.5e+16")]
    [InlineData(-1e16, "-1e+16")]
    [InlineData(12345678901234568.0, "1.2345678901234568e+16")]
    [InlineData(-99999999999999990.0, "-9.999999999999998e+16")]
    [InlineData(1e17, "1e+17")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(1e-7, "1e-07")]
    [InlineData(1e300, "1e+300")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(1.7976931348623157e308, "1.7976931348623157e+308")]
    public void Floats_must_be_written_as_Python_shows_them(double value, string text) => Assert.Equal(text, Written(value));

    [Fact]
    public void Numbers_of_other_types_must_keep_their_digits()
    {
        Assert.Equal("0.1", Written(0.1f));
        Assert.Equal("16777216.0", Written(16777216f));
        Assert.Equal("NaN", Written(float.NaN));
        Assert.Equal("1.50", Written(1.50m));
        Assert.Equal("18446744073709551615", Written(ulong.MaxValue));
        Assert.Equal("-9223372036854775808", Written(long.MinValue));
        Assert.Equal("null", Written<int?>(null));
        Assert.Equal("[5,null]", Written(new int?[] { 5, null }));
    }

    [Fact]
    public void Strings_must_be_escaped_as_in_Python() =>
        Assert.Equal("\"\\\"\\\\\\n\\r\\t\\b\\f\\u0001\\u007f/<>'&+\\u00ff\\ud83d\\ude00\\udc00\"", Written("\"\\\n\r\t\b\f\u0001\u007f/<>'&+ÿ😀\udc00"));

    [Fact]
    public void Types_must_come_through_in_snake_case_and_Python_form()
    {
        var item = new Item("é\ud83d", 1.0, Colour.DarkRed, new List<object?> { 2.0, double.NaN }, new JsonText("{\"a\": NaN}"));

        var json = Written(item);

        Assert.Equal("""{"name":"\u00e9\ud83d","price":1.0,"colour":"dark_red","extra":[2.0,NaN],"raw":{"a":NaN},"count":null}""", json);
        var read = Read<Item>(json)!;
        Assert.Equal(item with { Extra = null, Raw = default }, read with { Extra = null, Raw = default });
        Assert.Equal("{\"a\":NaN}", read.Raw.ToString());
        Assert.Equal([2.0, double.NaN], Assert.IsType<List<object?>>(read.Extra));
    }

    [Fact]
    public void Types_must_be_read_leniently_in_names_and_strictly_in_kinds()
    {
        Assert.Equal(Colour.Blue, Read<Item>("""{"NAME":"NaN","price":Infinity,"colour":1}""")!.Colour);
        Assert.Equal("NaN", Read<Item>("""{"NAME":"NaN","price":-Infinity}""")!.Name);
        Assert.Equal([1.5, double.NaN, double.NegativeInfinity], Read<double[]>("[1.5,NaN,-Infinity]")!);
        Assert.Equal("\udc00x", Read<Dictionary<string, string>>("""{"k\u00e9":"\udc00x"}""")!["ké"]);
        var refused = Assert.Throws<WireTypeException>(() => Read<Item>("""{"name":NaN}"""));
        Assert.Equal("A Item cannot be read from {\"name\":NaN}: it does not fit Item at $.name.", refused.Message);
        Assert.Throws<WireTypeException>(() => Read<Item>("""{"price":"NaN"}"""));
        Assert.Throws<WireTypeException>(() => Read<Item>("""{"count":3.0}"""));
    }

    [Theory]
    [InlineData("3.0", "an integer is expected")]
    [InlineData("3.5", "an integer is expected")]
    [InlineData("\"3\"", "an integer is expected")]
    [InlineData("NaN", "an integer is expected")]
    [InlineData("null", "an integer is expected")]
    [InlineData("2147483648", "an integer from -2147483648 to 2147483647 is expected")]
    public void Integers_must_not_be_read_from_anything_else(string json, string expected)
    {
        var exception = Assert.Throws<WireTypeException>(() => Read<int>(json));

        Assert.Equal($"A int cannot be read from {json}: {expected}.", exception.Message);
        Assert.Equal(expected, exception.Expected);
        Assert.Equal(json, exception.Excerpt);
    }

    [Fact]
    public void Numbers_must_be_read_from_integers_where_they_may_have_a_fraction()
    {
        Assert.Equal(3.0, Read<double>("3"));
        Assert.Equal(3m, Read<decimal>("3"));
        Assert.Equal(0.1f, Read<float>("0.1"));
        Assert.Equal(BigInteger.Pow(2, 200), Read<BigInteger>(BigInteger.Pow(2, 200).ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Null(Read<int?>("null"));
        Assert.Throws<WireTypeException>(() => Read<decimal>("1e300"));
        Assert.Throws<WireTypeException>(() => Read<double>("\"1\""));
        Assert.Throws<WireTypeException>(() => Read<BigInteger>(new string('9', 5000)));
    }

    [Fact]
    public void Values_of_no_type_must_be_the_natural_ones()
    {
        var value = Assert.IsType<Dictionary<string, object?>>(NaturalRead("""{"a":[1,2.0,18446744073709551616,"s",null,true],"b":{}}"""));

        Assert.Equal([1L, 2.0, BigInteger.Pow(2, 64), "s", null, true], Assert.IsType<List<object?>>(value["a"]));
        Assert.Empty(Assert.IsType<Dictionary<string, object?>>(value["b"]));
    }

    [Fact]
    public void Errors_must_show_only_the_start_of_a_value()
    {
        var exception = Assert.Throws<WireTypeException>(() => Read<int>("\"" + new string('x', 100) + "\""));

        Assert.Equal("\"" + new string('x', 36) + "...", exception.Excerpt);
    }

    [Fact]
    public void Values_that_hold_themselves_must_be_refused()
    {
        var list = new List<object?>();
        list.Add(list);

        var node = new Node();
        node.Next = node;
        var box = new Box();
        box.Content = box;

        Assert.Throws<WireTypeException>(() => Written<object>(list));
        Assert.Throws<WireTypeException>(() => Written(node));
        Assert.Throws<WireTypeException>(() => Written(box));
        Assert.Throws<WireTypeException>(() => Written<object>(typeof(string)));
    }

    [Fact]
    public void Converters_of_the_user_must_come_first()
    {
        var json = new WireJson(options => options.Converters.Add(new Hexadecimal()));
        var writer = new WireWriter();

        json.Write(writer, 255);

        Assert.Equal("\"ff\"", Encoding.UTF8.GetString(writer.Written));
        Assert.Equal(255, json.Read<int>("\"ff\""u8));
    }

    [Fact]
    public void JsonText_must_keep_what_it_is_given()
    {
        Assert.Equal("{ \"a\" : NaN }", Read<JsonText>("{ \"a\" : NaN }").ToString());
        Assert.Equal("[1, 2]", Written(new JsonText(" [1, 2] ")));
        Assert.Equal("null", default(JsonText).ToString());
        Assert.Equal(new JsonText("1"), new JsonText("1"));
        Assert.Throws<DecodeException>(() => new JsonText("[1"));
    }

    internal static string Written<T>(T value)
    {
        var writer = new WireWriter();
        WireJson.Default.Write(writer, value);
        return Encoding.UTF8.GetString(writer.Written);
    }

    internal static T? Read<T>(string json) => WireJson.Default.Read<T>(Encoding.UTF8.GetBytes(json));

    private static object? NaturalRead(string json) => Read<object>(json);

    private static string Args(string vector) => Encoding.UTF8.GetString(Message.Decode(MessageVectors.Body(vector)).Args.Span);

    private sealed class Node
    {
        public Node? Next { get; set; }
    }

    private sealed class Box
    {
        public object? Content { get; set; }
    }

    private sealed class Hexadecimal : JsonConverter<int>
    {
        public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Convert.ToInt32(reader.GetString(), 16);

        public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString("x", System.Globalization.CultureInfo.InvariantCulture));
    }
}
