using System.Diagnostics;
using System.Globalization;
using Dramatiq.Akka.Tests.Brokers.Redis;

namespace Dramatiq.Akka.Tests.Examples.RateLimits;

[Collection(RedisServerCollection.Name)]
public sealed class RateLimitsExampleSpec(RedisServer server)
{
    [Fact]
    public Task The_example_must_keep_to_its_limits_in_memory() => AssertRunsAsync(static () => Task.CompletedTask);

    [Fact]
    public Task The_example_must_keep_to_its_limits_on_redis() => AssertRunsAsync(ForgetAsync, server.Url);

    private static async Task AssertRunsAsync(Func<Task> forget, params string[] arguments)
    {
        // A second is one of the clock, as in Python: three go at its end and three at the beginning of the next. When a line is written says less than when its slot was taken, and on a
        // slow machine nothing: a limit that is broken lets them go together each time.
        var spread = 0;
        for (var tries = 3; spread <= 700 && tries > 0; tries--)
        {
            await forget();
            spread = Math.Max(spread, await RunAsync(arguments));
        }

        Assert.True(spread > 700, "Seven mails went in less than a second, of which three are allowed.");
    }

    /// <summary>Runs the example once.</summary>
    /// <returns>The milliseconds from the first mail to the last.</returns>
    private static async Task<int> RunAsync(string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", Checkout.Program("examples/RateLimits", "RateLimits.dll"), .. arguments]) { RedirectStandardOutput = true })!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var text = await process.StandardOutput.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        Assert.Equal(0, process.ExitCode);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(static line => line.Length > 7 && int.TryParse(line.AsSpan(0, 6), CultureInfo.InvariantCulture, out _))   // a slow machine is warned of there too
            .Select(static line => (At: int.Parse(line.AsSpan(0, 6), CultureInfo.InvariantCulture), Text: line[7..].Trim())).ToArray();
        Assert.Equal(15, lines.Length);

        // The second one may come when the first is done: then it is needed.
        var imports = lines.Where(static line => line.Text is "import a" or "import b").ToArray();
        Assert.InRange(imports.Length, 1, 2);
        Assert.Equal(2 - imports.Length, lines.Count(static line => line.Text.EndsWith("is not needed: another one runs", StringComparison.Ordinal)));
        Assert.True(imports.Length == 1 || imports[1].At - imports[0].At >= 495, "Two imports ran at the same time.");
        foreach (var tenant in (string[])["acme", "globex"])
        {
            var pages = lines.Where(line => line.Text.StartsWith($"report {tenant} ", StringComparison.Ordinal)).ToArray();
            Assert.Equal([$"report {tenant} 1 begins", $"report {tenant} 2 begins", $"report {tenant} 3 begins"], pages.Select(static page => page.Text));
            Assert.All(pages.Zip(pages.Skip(1)), static pair => Assert.True(pair.Second.At - pair.First.At >= 45, "Two pages of a tenant ran at the same time."));
        }

        var mails = lines.Where(static line => line.Text.StartsWith("mail ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(["mail 1", "mail 2", "mail 3", "mail 4", "mail 5", "mail 6", "mail 7"], mails.Select(static mail => mail.Text).Order(StringComparer.Ordinal));
        return mails[6].At - mails[0].At;
    }

    /// <summary>What another run may have left of the limits.</summary>
    private async Task ForgetAsync()
    {
        foreach (var key in (string[])["reports:acme", "reports:globex", "import"])
            await server.Database.KeyDeleteAsync([key, key + "@leases"]);
        await foreach (var bucket in server.Server.KeysAsync(pattern: "mails@*"))
            await server.Database.KeyDeleteAsync(bucket);
    }
}
