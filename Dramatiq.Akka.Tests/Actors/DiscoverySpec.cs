using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka.Tests.Actors;

public sealed class DiscoverySpec
{
    private readonly Feed<string> _seen = new();

    private sealed record Found(int X);

    private sealed record FoundToo(int X);

    private sealed record Unmarked(int X);

    [Fact]
    public async Task Classes_of_an_assembly_must_be_found_by_their_attribute()
    {
        await using var host = await VirtualHost.StartAsync(
            static d => d.AddActorsFrom(typeof(DiscoverySpec).Assembly), services => services.AddSingleton(_seen));
        await host.RunAsync(new Found(1));
        await host.RunAsync(new FoundToo(2));

        Assert.Equal(["found 1", "found_too 2"], _seen.All);
        Assert.Equal(["found", "found_too"], host.Host.Tasks.Declarations.Actors.Select(static actor => actor.Name));
    }

    [Fact]
    public async Task Class_must_be_declared_by_its_name_alone()
    {
        await using var host = await VirtualHost.StartAsync(static d => d.AddActor<Finder>(), services => services.AddSingleton(_seen));

        Assert.Equal(["found", "found_too"], host.Host.Tasks.Declarations.Actors.Select(static actor => actor.Name));
    }

    [Fact]
    public async Task What_code_says_that_a_class_handles_must_come_before_its_attributes()
    {
        await using var host = await VirtualHost.StartAsync(
            static d => d.AddActor<Finder>(static a => a.Handles<FoundToo>(static o => o.Queue("other"))), services => services.AddSingleton(_seen));

        var actor = Assert.Single(host.Host.Tasks.Declarations.Actors);
        Assert.Equal(("found_too", "other"), (actor.Name, actor.Queue));
    }

    [Fact]
    public async Task Class_without_a_task_must_stop_the_start()
    {
        var error = await Assert.ThrowsAsync<DeclarationException>(() => VirtualHost.StartAsync(static d => d.AddActor<Silent>()));

        Assert.Equal("Silent is declared without a task. Say which it runs: AddActor<Silent>(a => a.Handles<…>()), or [Handles<…>] on the class.", error.Message);
    }

    [Handles<Found>]
    [Handles<FoundToo>]
    private sealed class Finder : TaskActor
    {
        public Finder(Feed<string> seen)
        {
            Receive<Found>(task => seen.Add($"found {task.X}"));
            Receive<FoundToo>(task => seen.Add($"found_too {task.X}"));
        }
    }

    [Handles<Unmarked>]
    private abstract class Unfinished : TaskActor;

    private sealed class Silent : TaskActor
    {
        public Silent() => Receive<Unmarked>(static _ => { });
    }
}
