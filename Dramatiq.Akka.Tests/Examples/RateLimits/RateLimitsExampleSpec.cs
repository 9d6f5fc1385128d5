using System.Diagnostics;
using System.Globalization;
using Dramatiq.Akka.Tests.Brokers.Redis;

namespace Dramatiq.Akka.Tests.Examples.RateLimits;

[Collection(RedisServerCollection.Name)]
public sealed class RateLimitsExampleSpec(RedisServer server)
{
    [Fact]
    public Task The_example_must_keep_to_its_limits_in_memory() => AssertRunAsync();

    [Fact]
    public async Task The_example_must_keep_to_its_limits_on_redis()
    {
        await server.Database.KeyDeleteAsync(["reports:acme", "reports:globex", "import"]);
        await AssertRunAsync(server.Url);
    }

    private static async Task AssertRunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", Checkout.Program("examples/RateLimits", "RateLimits.dll"), .. arguments]) { RedirectStandardOutput = true })!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var text = await process.StandardOutput.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        Assert.Equal(0, process.ExitCode);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => (At: int.Parse(line.AsSpan(0, 6), CultureInfo.InvariantCulture), Text: line[7..].Trim())).ToArray();
        Assert.Equal(15, lines.Length);

        Assert.Single(lines, static line => line.Text is "import a" or "import b");
        Assert.Single(lines, static line => line.Text.EndsWith("is not needed: another one runs", StringComparison.Ordinal));
        foreach (var tenant in (string[])["acme", "globex"])
        {
            var pages = lines.Where(line => line.Text.StartsWith($"report {tenant} ", StringComparison.Ordinal)).ToArray();
            Assert.Equal([$"report {tenant} 1 begins", $"report {tenant} 2 begins", $"report {tenant} 3 begins"], pages.Select(static page => page.Text));
            Assert.All(pages.Zip(pages.Skip(1)), static pair => Assert.True(pair.Second.At - pair.First.At >= 45, "Two pages of a tenant ran at the same time."));
        }

        var mails = lines.Where(static line => line.Text.StartsWith("mail ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(["mail 1", "mail 2", "mail 3", "mail 4", "mail 5", "mail 6", "mail 7"], mails.Select(static mail => mail.Text).Order(StringComparer.Ordinal));
        // A second is one of the clock, as in Python: three go at its end and three at the beginning of the next. When a line is written says less than when its slot was taken.
        Assert.True(mails[6].At - mails[0].At > 700, "Seven mails went in less than a second, of which three are allowed.");
    }
}
