using System.Text.Json;
using Dramatiq.Akka.Hosting;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka.Tests.Inspection;

public sealed class NodeSpec
{
    private sealed record Resize(string Path, int Width = 80);

    [Fact]
    public async Task Node_must_tell_what_it_is_and_drain_when_ordered()
    {
        await using var host = await InspectionHost.StartAsync();
        var node = await host.AskAsync(new GetNode());
        Assert.Equal($"test@{Environment.MachineName}:{Environment.ProcessId}", node.Name);
        Assert.Equal(new BrokerReport("memory", true, true, false), node.Broker);
        Assert.Equal((NodeState.Running, false), (node.State, node.KeepsLives));
        Assert.Matches(@"^\d+\.\d+", node.Version);

        await host.EnqueueAsync("wait", "a");
        await Eventually.AssertAsync(async () => Assert.Equal(1, (await host.AskAsync(new GetQueue("default"))).Workers!.Busy));
        Assert.Equal(NodeState.Draining, (await host.AskAsync(new DrainNode())).State);
        await host.RefusedAsync(new PauseQueue("default"), InspectionFailure.NotRunning);
        host.Gate.Release();
        await Eventually.AssertAsync(async () => Assert.Equal(NodeState.Drained, (await host.AskAsync(new GetNode())).State));
    }

    [Fact]
    public async Task Actor_must_tell_its_options_its_parameters_and_the_stages_of_its_slip()
    {
        await using var host = await InspectionHost.StartAsync(static d =>
        {
            d.AddTask<Resize>(static a => a.Queue("images"));
            d.AddActor("slow", static () => { }, static a => a.TimeLimit(TimeSpan.FromSeconds(90)).MaxAge(TimeSpan.FromHours(1)).Throws<FormatException>());
        });
        var actors = (await host.AskAsync(new GetActors())).Actors.ToDictionary(static actor => actor.Name);
        Assert.Equal(["add", "fail", "resize", "slow", "wait"], actors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("sums", 3, true), (actors["add"].Queue, actors["add"].Priority, actors["add"].RunsHere));
        Assert.Equal(("images", false, typeof(Resize).FullName), (actors["resize"].Queue, actors["resize"].RunsHere, actors["resize"].TaskType));
        Assert.Equal(["path: String", "width: Int32"], actors["resize"].Parameters);
        Assert.Equal(90_000, actors["slow"].Options["time_limit"].GetDouble());
        Assert.Contains("AgeLimit", actors["slow"].Stages);
        Assert.DoesNotContain("AgeLimit", actors["add"].Stages);
        Assert.Equal(0, actors["fail"].Options["max_retries"].GetInt32());
    }

    [Fact]
    public async Task Tree_must_show_the_actors_of_the_library_and_no_others()
    {
        await using var host = await InspectionHost.StartAsync(workers: 3);
        host.Host.System.ActorOf(Props.Empty, "secret");
        var tree = await host.AskAsync(new GetActorTree());
        Assert.Equal(["dramatiq", "dramatiq-gateway", "dramatiq-inspection", "dramatiq-pauses"], tree.Roots.Select(static root => root.Name));
        await Eventually.AssertAsync(async () =>
        {
            var pool = Assert.Single((await host.AskAsync(new GetActorTree("dramatiq/default/workers", Depth: 2, MostChildren: 2))).Roots);
            Assert.Equal(("/user/dramatiq/default/workers", "WorkerPoolActor", 3, 2), (pool.Path, pool.Type, pool.ChildCount, pool.Children.Count));
        });
        Assert.Empty((await host.AskAsync(new GetActorTree("dramatiq/nothing"))).Roots);
        await host.RefusedAsync(new GetActorTree("secret"), InspectionFailure.Invalid);
        await host.RefusedAsync(new GetActorTree(Depth: 99), InspectionFailure.Invalid);
    }

    [Fact]
    public async Task Answers_and_questions_must_survive_json()
    {
        await using var host = await InspectionHost.StartAsync(static d => d.Options.LifeStore = LifeStoreKind.Memory);
        await host.BuryAsync("<b>\u0001\"no\" luck</b>");
        var dead = (await host.AskAsync(new GetMessages("default", MessagePlace.Dead))).Messages[0];
        await RoundTripAsync(new GetQueues());
        await RoundTripAsync(new GetConsumers());
        await RoundTripAsync(new GetWorkers());
        await RoundTripAsync(new GetActors());
        await RoundTripAsync(new GetNode());
        await RoundTripAsync(new GetHistory());
        await RoundTripAsync(new GetActorTree());
        await RoundTripAsync(new GetMessages("default", MessagePlace.Dead) { Filter = new MessageFilter { Reason = "luck" } });
        await RoundTripAsync(new GetMessage(dead.Key) { Queue = "default" });
        await RoundTripAsync(new GetLife(dead.MessageId!));
        Assert.Contains("\"place\":\"dead\"", JsonSerializer.Serialize(new GetMessages("default", MessagePlace.Dead), InspectionJson.Options), StringComparison.Ordinal);

        async Task RoundTripAsync<TAnswer>(IQuestion<TAnswer> question)
        {
            var questionAgain = (IQuestion<TAnswer>)JsonSerializer.Deserialize(JsonSerializer.Serialize(question, question.GetType(), InspectionJson.Options), question.GetType(), InspectionJson.Options)!;
            Assert.Equal(question, questionAgain);
            var json = JsonSerializer.Serialize(await host.AskAsync(questionAgain), InspectionJson.Options);
            Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<TAnswer>(json, InspectionJson.Options), InspectionJson.Options));
        }
    }

    [Fact]
    public async Task Question_before_the_start_must_be_refused_with_the_reason()
    {
        var services = new ServiceCollection();
        services.AddInspection().AddInspection();
        Assert.Single(services);
        await using var host = await InspectionHost.StartAsync();
        Assert.Same(TaskSystem.Get(host.Host.System).Inspection, host.Host.Services.GetRequiredService<IInspection>());
        var face = new InspectionFace(static () => null, TimeSpan.FromSeconds(1));
        Assert.Equal(InspectionFailure.NotRunning, (await Assert.ThrowsAsync<InspectionException>(() => face.AskAsync(new GetNode()))).Failure);
    }
}
