using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka.Tests.Actors;

public sealed class TaskActorSpec
{
    private readonly Feed<string> _seen = new();

    private sealed record Greet(string Name, int Times = 1);

    private sealed record GreetLater(string Name);

    private sealed record Peek;

    private sealed record Orphan;

    [Fact]
    public async Task Actor_must_run_its_tasks_with_their_arguments()
    {
        await using var host = await StartAsync<Greeter>(a => a.Handles<Greet>().Handles<GreetLater>());
        await host.RunAsync(new Greet("Ada", 2));
        await host.RunAsync(new ActorCall("greet", "Bo"));
        await host.RunAsync(new ActorCall("greet") { Kwargs = new Dictionary<string, object?> { ["times"] = 3, ["name"] = "Cy" } });

        Assert.Equal(["Ada 2", "Bo 1", "Cy 3"], _seen.All);
    }

    [Fact]
    public async Task Asynchronous_handler_must_keep_the_actors_context_after_an_await()
    {
        await using var host = await StartAsync<Greeter>(a => a.Handles<Greet>().Handles<GreetLater>());
        var enqueued = await host.EnqueueAsync(new GreetLater("Ada"), """{"tenant":"acme"}""");
        await host.JoinAsync();

        Assert.Equal([$"Ada {enqueued.MessageId} acme True Greeter False"], _seen.All);
    }

    [Fact]
    public async Task What_belongs_to_a_message_must_be_refused_outside_of_a_handler()
    {
        await using var host = await StartAsync<Peeper>(a => a.Handles<Peek>());
        await host.RunAsync(new Peek());
        await _seen.AtLeastAsync(3);

        Assert.All(_seen.All, static text => Assert.Equal("Peeper: no message is in hand. Ask for it inside a task's handler only.", text));
    }

    [Fact]
    public async Task Task_without_a_registered_handler_must_be_buried_with_what_to_do()
    {
        await using var host = await StartAsync<Peeper>(a => a.Handles<Orphan>());
        await host.RunAsync(new Orphan(), failFast: false);

        Assert.Equal(
            "Peeper is declared to run 'orphan' and registers no handler for it: call Receive<Orphan>(…) or ReceiveAsync<Orphan>(…) in its constructor.",
            host.DeadNote().GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("[]", "greet: missing argument 'name'. It takes (name: string, times: int = 1).")]
    [InlineData("[1]", "greet: parameter 'name' (string) cannot be read from 1: a string is expected.")]
    [InlineData("[\"a\",1,2]", "greet: too many positional arguments: 3. It takes (name: string, times: int = 1).")]
    public async Task Arguments_that_do_not_bind_must_bury_the_message_at_once(string args, string reason)
    {
        await using var host = await StartAsync<Greeter>(a => a.Handles<Greet>());
        await host.RunAsync(new ActorCall("greet") { JsonArgs = new Akka.Messages.JsonText(args) }, failFast: false);

        Assert.Empty(_seen.All);
        var note = host.DeadNote();
        Assert.Equal((reason, "ArgumentBindingException", 1), (
            note.GetProperty("reason").GetString(), note.GetProperty("type").GetString(), note.GetProperty("attempt").GetInt32()));
        Assert.Equal(args, host.DeadLetter().GetProperty("args").GetRawText());
        Assert.False(host.DeadLetter().GetProperty("options").TryGetProperty("retries", out _));
    }

    [Fact]
    public async Task Message_for_an_unknown_actor_must_be_buried_with_the_known_ones()
    {
        await using var host = await StartAsync<Greeter>(a => a.Handles<Greet>());
        await host.RunAsync(new ActorCall("gret") { Queue = "default" }, failFast: false);

        Assert.Equal("no actor 'gret' is declared to run here (known: greet)", host.DeadNote().GetProperty("reason").GetString());
    }

    private Task<VirtualHost> StartAsync<TActor>(Action<TaskActorOptions> configure) where TActor : TaskActor =>
        VirtualHost.StartAsync(d => d.AddActor<TActor>(configure), services => services.AddSingleton(_seen));

    private sealed class Greeter : TaskActor
    {
        public Greeter(Feed<string> seen)
        {
            Receive<Greet>(greet => seen.Add($"{greet.Name} {greet.Times}"));
            ReceiveAsync<GreetLater>(async greet =>
            {
                await Task.Delay(1);
                CurrentMessage.Options.TryGetString("tenant", out var tenant);
                var services = Services.GetRequiredService<Feed<string>>() == seen;
                seen.Add($"{greet.Name} {CurrentMessage.MessageId} {tenant} {services} {Self.Path.Name.Split('-')[0]} {Cancellation.IsCancellationRequested}");
            });
        }
    }

    private sealed class Peeper : TaskActor
    {
        private readonly Feed<string> _seen;

        public Peeper(Feed<string> seen)
        {
            _seen = seen;
            Receive<Peek>(_ => Self.Tell("look"));
        }

        protected override void OnMessage(object message)
        {
            Try(() => _ = Cancellation);
            Try(() => _ = Services);
            Try(() => _ = CurrentMessage);
        }

        private void Try(Action access) => _seen.Add(Assert.Throws<InvalidOperationException>(access).Message);
    }
}
