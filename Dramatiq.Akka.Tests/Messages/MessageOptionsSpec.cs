using System.Text;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Tests.Messages;

public sealed class MessageOptionsSpec
{
    [Fact]
    public void Options_must_keep_unknown_ones_and_the_order_through_changes()
    {
        var options = Message.Decode(MessageVectors.Body("options")).Options;

        var changed = options.With(OptionNames.MinBackoff, 7L).With(OptionNames.Retries, 1L).Without(OptionNames.MaxAge, "absent");

        Assert.Equal(
            """{"max_retries":5,"min_backoff":7,"time_limit":1000,"broker_priority":7,"custom":{"tenant":"a"},"retries":1}""", Text(changed));
        Assert.Equal("custom", changed.NameAt(4));
        Assert.Same(options, options.Without("absent"));
        Assert.Same(MessageOptions.Empty, changed.Without("max_retries", "min_backoff", "time_limit", "broker_priority", "custom", "retries"));
    }

    [Fact]
    public void Options_must_write_each_kind_of_value_as_Python_does()
    {
        var options = MessageOptions.Empty.With("i", 1L).With("s", "é\"").With("b", true).With("f", 2.0).With("n", (string?)null);

        Assert.Equal("""{"i":1,"s":"\u00e9\"","b":true,"f":2.0,"n":null}""", Text(options));
    }

    [Fact]
    public void Options_must_be_read_by_type()
    {
        var options = Decode("""{"i":5,"f":5.9,"s":"x\u00e9","b":false,"n":null,"big":18446744073709551616,"nan":NaN}""");

        Assert.True(options.TryGetInt64("i", out var number) && number == 5);
        Assert.True(options.TryGetInt64("f", out number) && number == 5);
        Assert.True(options.TryGetDouble("f", out var real) && real == 5.9);
        Assert.True(options.TryGetDouble("nan", out real) && double.IsNaN(real));
        Assert.True(options.TryGetString("s", out var text) && text == "xé");
        Assert.True(options.TryGetBoolean("b", out var flag) && !flag);
        Assert.True(options.IsNull("n") && options.Contains("n") && !options.IsNull("i") && !options.Contains("x"));
        foreach (var name in new[] { "s", "n", "big", "nan", "absent" }) Assert.False(options.TryGetInt64(name, out _), name);
        Assert.False(options.TryGetString("i", out _) || options.TryGetBoolean("n", out _) || options.TryGetDouble("s", out _));
    }

    [Theory]
    [InlineData("null", false)]
    [InlineData("false", false)]
    [InlineData("0", false)]
    [InlineData("-0.0", false)]
    [InlineData("\"\"", false)]
    [InlineData("[ ]", false)]
    [InlineData("{}", false)]
    [InlineData("true", true)]
    [InlineData("NaN", true)]
    [InlineData("1e-300", true)]
    [InlineData("\"0\"", true)]
    [InlineData("[0]", true)]
    [InlineData("{\"a\":0}", true)]
    public void Options_must_judge_truth_as_Python_does(string json, bool truthy) =>
        Assert.Equal(truthy, Decode($"{{\"x\":{json}}}").IsTruthy("x"));

    [Fact]
    public void Options_must_take_the_last_of_two_with_one_name_among_many()
    {
        var text = string.Join(",", Enumerable.Range(0, 200).Select(index => $"\"k{index % 100}\":{index}"));

        var options = Decode("{" + text + "}");

        Assert.Equal(100, options.Count);
        for (var index = 0; index < 100; index++)
            Assert.True(options.TryGetInt64($"k{index}", out var value) && value == index + 100 && options.NameAt(index) == $"k{index}");
    }

    private static MessageOptions Decode(string json) => MessageOptions.Decode(Encoding.UTF8.GetBytes(json));

    private static string Text(MessageOptions options)
    {
        var writer = new WireWriter();
        options.WriteTo(writer);
        return Encoding.UTF8.GetString(writer.Written);
    }
}
