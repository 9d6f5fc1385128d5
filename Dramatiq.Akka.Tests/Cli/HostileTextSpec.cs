using System.Text.Json.Nodes;
using Dramatiq.Akka.Cli.Output;
using Dramatiq.Akka.Tests.Management;

namespace Dramatiq.Akka.Tests.Cli;

public sealed class HostileTextSpec
{
    public static TheoryData<string[]> Commands => new() { { ["message", "list", "default"] }, { ["dead", "list", "default"] }, { ["message", "show", "7"] } };

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_message_must_not_be_able_to_speak_to_the_terminal(string[] args)
    {
        await using var host = await ManagementHost.StartAsync(inspection: Reports.All(Reports.Hostile));

        foreach (var typed in new[] { new Typed(host.Address), new Typed(host.Address) { Width = 60, ["NO_COLOR"] = "1" } })
        {
            var text = await typed.RunAsync(args);
            var json = await typed.RunAsync([.. args, "--json"]);

            Assert.Equal((0, 0), (text.ExitCode, json.ExitCode));
            Assert.Contains("\\x1b]0;", text.Output, StringComparison.Ordinal);
            Assert.All(text.Output + text.Error + json.Output, static letter => Assert.True(letter is '\n' || !char.IsControl(letter) && letter is not '\u202e', $"U+{(int)letter:X4}"));
            Assert.Contains(Reports.Hostile, Strings(json.Json).Aggregate(string.Concat), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("Grüße, 世界 😀", "Grüße, 世界 😀")]
    [InlineData("a\u001b[31mb", "a\\x1b[31mb")]
    [InlineData("a\u0000\u007f\u0085\u009b", "a\\x00\\x7f\\x85\\x9b")]
    [InlineData("a\r\nb\tc", "a\\r\\nb\\tc")]
    [InlineData("\u202eabc\u2066\u200b\ufeff", "\\u202eabc\\u2066\\u200b\\ufeff")]
    [InlineData("\udb40\udc41", "\\U000e0041")]
    public void Line_must_escape_what_is_not_there_to_be_seen(string text, string shown) => Assert.Equal(shown, SafeText.Line(text));

    /// <summary>Not as data of a theory: an attribute cannot hold them.</summary>
    [Fact]
    public void Line_must_escape_halves_of_a_pair()
    {
        Assert.Equal("\\ud83d", SafeText.Line("\ud83d"));
        Assert.Equal("\\ude00\\ud83d", SafeText.Line("\ude00\ud83d"));
    }

    [Fact]
    public void Lines_must_keep_line_breaks_alone() => Assert.Equal("a\nb    c\\rd\\x1b", SafeText.Lines("a\r\nb\tc\rd\u001b"));

    private static IEnumerable<string> Strings(JsonNode? node) => node switch
    {
        JsonObject json => json.SelectMany(static member => Strings(member.Value)),
        JsonArray list => list.SelectMany(Strings),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };
}
