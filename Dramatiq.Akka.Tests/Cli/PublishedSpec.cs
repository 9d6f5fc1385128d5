using System.ComponentModel;
using Dramatiq.Akka.Tests.Management;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Cli;

public sealed class PublishedSpec : IDisposable
{
    private readonly string _cache = Directory.CreateTempSubdirectory("dramatiq-cli-").FullName;

    public enum Region
    {
        NorthSea,
        Baltic,
    }

    public void Dispose() => Directory.Delete(_cache, recursive: true);

    [Fact]
    public async Task Command_of_the_application_must_appear_by_itself()
    {
        await using var host = await StartAsync();
        var typed = new Typed(host.Address) { CacheFolder = _cache };

        Assert.Contains("Commands of the application that begin with cache.", (await typed.RunAsync("--help")).Output, StringComparison.Ordinal);
        var help = await typed.RunAsync("cache", "flush", "--help");
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("Empties a cache.", help.Output, StringComparison.Ordinal);
        Assert.Contains("Which one.", help.Output, StringComparison.Ordinal);
        Assert.Contains("baltic", help.Output, StringComparison.Ordinal);

        Assert.Equal("northSea a+b 3 True", (await typed.RunAsync("cache", "flush", "northSea", "--keys", "a", "--keys", "b", "--times", "3", "--with-json", "--yes")).Lines[0]);
        Assert.Equal("baltic  1 False", (await typed.RunAsync("cache", "flush", "baltic", "--yes")).Lines[0]);
        Assert.Equal("baltic  1 False", (string?)(await typed.RunAsync("cache", "flush", "baltic", "--yes", "--json")).Json["text"]);
        Assert.Equal(2, (await typed.RunAsync("cache", "flush", "--yes")).ExitCode);
        Assert.Equal(2, (await typed.RunAsync("cache", "flush", "atlantic", "--yes")).ExitCode);
        Assert.Equal(2, (await typed.RunAsync("cache", "flush", "baltic")).ExitCode);
        Assert.Equal(1, (await typed.RunAsync("cache", "break")).ExitCode);
    }

    [Fact]
    public async Task Answer_of_an_application_must_be_shown_as_what_it_is()
    {
        await using var host = await StartAsync();
        var typed = new Typed(host.Address);

        var table = await typed.RunAsync("cache", "list");
        Assert.Equal(["NAME  BYTES", "a         7", "b        12"], table.Lines);
        Assert.Equal(["bytes  7", "full   no"], (await typed.RunAsync("cache", "size")).Lines);
        Assert.Equal(7, (int)(await typed.RunAsync("cache", "size", "--json")).Json["value"]!["bytes"]!);
    }

    [Fact]
    public async Task Commands_of_the_library_that_have_no_form_of_their_own_must_work_too()
    {
        await using var host = await ManagementHost.StartAsync(inspection: Reports.All());
        var typed = new Typed(host.Address);

        Assert.Contains("app@host:4711", (await typed.RunAsync("node", "show")).Output, StringComparison.Ordinal);
        Assert.Equal(42, (int)(await typed.RunAsync("message", "count", "default", "dead", "--actor-name", "add", "--json")).Json["count"]!);
        Assert.Equal(2, (await typed.RunAsync("node", "drain")).ExitCode);
    }

    [Fact]
    public async Task Help_must_be_quick_and_must_work_without_the_host()
    {
        var clock = new FakeTimeProvider(Reports.At);
        Uri address;
        await using (var host = await StartAsync())
        {
            address = host.Address;
            Assert.Contains("cache", (await new Typed(address) { CacheFolder = _cache, Time = clock }.RunAsync("--help")).Output, StringComparison.Ordinal);
        }

        var typed = new Typed(address) { CacheFolder = _cache, Time = clock };
        var soon = await typed.RunAsync("--help");
        Assert.Contains("cache", soon.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Cannot reach", soon.Output, StringComparison.Ordinal);

        clock.Advance(TimeSpan.FromMinutes(5));
        var late = await typed.RunAsync("cache", "--help");
        Assert.Equal(0, late.ExitCode);
        Assert.Contains("flush", late.Output, StringComparison.Ordinal);
        Assert.Contains($"Commands of the application are those of 5m ago: Cannot reach {address}", late.Output, StringComparison.Ordinal);
        Assert.Equal(3, (await typed.RunAsync("cache", "flush", "baltic", "--yes")).ExitCode);

        var never = await new Typed(address).RunAsync("--help");
        Assert.Contains("Commands of the application are not shown: Cannot reach", never.Output, StringComparison.Ordinal);
        var unknown = await new Typed(address).RunAsync("cache", "flush");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("It may be a command of the application.", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_cache_must_be_as_good_as_none()
    {
        await using var host = await StartAsync();
        var typed = new Typed(host.Address) { CacheFolder = _cache };
        Assert.Equal(0, (await typed.RunAsync("--help")).ExitCode);
        foreach (var file in Directory.GetFiles(_cache))
            await File.WriteAllTextAsync(file, "{\"commands\":nul");

        Assert.Contains("cache", (await typed.RunAsync("--help")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await new Typed(host.Address) { CacheFolder = "/dev/null/nowhere" }.RunAsync("--help")).ExitCode);
    }

    [Fact]
    public async Task An_application_must_not_take_the_place_of_our_commands()
    {
        await using var host = await ManagementHost.StartAsync(
            static management => management.AddCommand("queue", "Mine.", static () => "mine").AddCommand("top", "Mine.", static () => "mine").AddCommand("queue empty", "Mine too.", static () => "mine"), Reports.All());
        var typed = new Typed(host.Address);

        Assert.Equal(2, (await typed.RunAsync("queue")).ExitCode);
        Assert.Contains("app@host:4711", (await typed.RunAsync("top")).Output, StringComparison.Ordinal);
        Assert.Equal("mine", (await typed.RunAsync("queue", "empty")).Lines[0]);
    }

    [Fact]
    public async Task Tab_must_complete_commands_options_and_names()
    {
        await using var host = await ManagementHost.StartAsync(static management => management.AddCommand("cache flush", "Empties.", static (Region region) => $"{region}"), Reports.All().On<Dramatiq.Akka.Inspection.GetActors>(static _ =>
            new Dramatiq.Akka.Inspection.ActorList([new("resize_image", "default", 0, true, null, [], new Dictionary<string, System.Text.Json.JsonElement>(), [])])));
        var typed = new Typed(host.Address) { CacheFolder = _cache };
        async Task<string[]> CompleteAsync(string line) => (await typed.RunAsync($"[suggest:{line.Length}]", line)).Lines;

        Assert.Contains("queue", await CompleteAsync("qu"));
        Assert.Contains("pause", await CompleteAsync("queue "));
        Assert.Equal(["emails"], await CompleteAsync("queue show em"));
        Assert.Contains("resize_image", await CompleteAsync("enqueue default re"));
        Assert.Contains("cache", await CompleteAsync("ca"));
        Assert.Contains("northSea", await CompleteAsync("cache flush no"));
        Assert.Contains("--everywhere", await CompleteAsync("queue pause default --ev"));
        Assert.Contains("queue", (await new Typed(null).RunAsync("[suggest:2]", "qu")).Lines);
        Assert.Contains("emails", (await new Typed(null).RunAsync("[suggest:99]", $"--url {host.Address} queue show em")).Lines);
    }

    private static Task<ManagementHost> StartAsync() => ManagementHost.StartAsync(static management => management
        .AddCommand(
            "cache flush", "Empties a cache.",
            static ([Description("Which one.")] Region region, string[]? keys = null, int times = 1, bool json = false) => $"{(region is Region.Baltic ? "baltic" : "northSea")} {string.Join('+', keys ?? [])} {times} {json}",
            destroys: true)
        .AddCommand("cache list", "What it holds.", static () => new[] { new { Name = "a", Bytes = 7 }, new { Name = "b", Bytes = 12 } }, isOrder: false)
        .AddCommand("cache size", "Its size.", static () => new { Bytes = 7, Full = false }, isOrder: false)
        .AddCommand("cache break", "Fails.", static void () => throw new InvalidOperationException("broken")));
}
