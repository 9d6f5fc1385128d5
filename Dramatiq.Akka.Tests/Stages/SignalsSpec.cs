using System.Reflection;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Stages;

public sealed class SignalsSpec
{
    private const BindingFlags Members = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Where each of Dramatiq's signals is to be found: a method of a stage, or an event.</summary>
    private static readonly Dictionary<string, MemberInfo?> Places = new()
    {
        ["before_process_message"] = typeof(Stage).GetMethod("Before", Members),
        ["after_process_message"] = typeof(Stage).GetMethod("After", Members),
        ["before_enqueue"] = typeof(EnqueueStage).GetMethod("Before", Members),
        ["after_enqueue"] = typeof(EnqueueStage).GetMethod("After", Members),
        ["before_ack"] = typeof(Signals.BeforeAck),
        ["after_ack"] = typeof(Signals.AfterAck),
        ["before_nack"] = typeof(Signals.BeforeNack),
        ["after_nack"] = typeof(Signals.AfterNack),
        ["after_skip_message"] = typeof(Signals.AfterSkipMessage),
        ["before_delay_message"] = typeof(Signals.BeforeDelayMessage),
        ["before_declare_actor"] = typeof(Signals.BeforeDeclareActor),
        ["after_declare_actor"] = typeof(Signals.AfterDeclareActor),
        ["before_declare_queue"] = typeof(Signals.BeforeDeclareQueue),
        ["after_declare_queue"] = typeof(Signals.AfterDeclareQueue),
        ["after_declare_delay_queue"] = typeof(Signals.AfterDeclareDelayQueue),
        ["after_process_boot"] = typeof(Signals.AfterProcessBoot),
        ["before_worker_boot"] = typeof(Signals.BeforeWorkerBoot),
        ["after_worker_boot"] = typeof(Signals.AfterWorkerBoot),
        ["before_worker_shutdown"] = typeof(Signals.BeforeWorkerShutdown),
        ["after_worker_shutdown"] = typeof(Signals.AfterWorkerShutdown),
        ["after_consumer_thread_boot"] = typeof(Signals.AfterConsumerStart),
        ["before_consumer_thread_shutdown"] = typeof(Signals.BeforeConsumerStop),
        ["after_worker_thread_boot"] = typeof(Signals.AfterWorkerStart),
        ["before_worker_thread_shutdown"] = typeof(Signals.BeforeWorkerStop),
    };

    [Fact]
    public void Every_signal_of_dramatiq_must_have_a_place_and_every_event_a_signal()
    {
        Assert.Equal(24, Places.Count);
        Assert.All(Places, static place => Assert.NotNull(place.Value));
        Assert.Equal(
            typeof(Signals).GetNestedTypes().Where(static type => type.IsClass && type != typeof(Signals.HandlerAbandoned)).ToHashSet(),
            Places.Values.OfType<Type>().ToHashSet());
    }

    [Fact]
    public async Task Life_of_a_host_must_be_told_in_order()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var host = await VirtualHost.StartAsync(
            static d =>
            {
                d.Options.Queues.Workers = 1;
                d.AddMiddleware(new ScriptedMiddleware("gate")
                {
                    Before = static (stage, context) =>
                    {
                        if (context.Message.Options.Contains("skip"))
                            stage.SkipIt(context, "skipped");
                        else
                            stage.LetPass(context);
                    },
                });
                d.AddActor("work", static (bool fails) => fails ? throw new InvalidOperationException("boom") : 1, static a => a.MaxRetries(0));
            }, clock: clock);
        await host.EnqueueAsync(new ActorCall("work", false), """{"skip":1}""");
        await host.JoinAsync();
        await host.Signals.FirstAsync<Signals.AfterAck>();   // told beside the work, so that it could else come behind the next message's
        await host.Host.Queue.EnqueueAsync(new ActorCall("work", true), TimeSpan.FromMinutes(1));
        await host.JoinAsync(failFast: false);
        await host.Host.Tasks.DrainAsync();
        await host.Signals.FirstAsync<Signals.AfterWorkerShutdown>();   // heard by an actor, which the end of the system would stop first
        await host.DisposeAsync();

        Assert.Equal(
            ["AfterProcessBoot", "BeforeDeclareActor", "AfterDeclareActor", "BeforeDeclareQueue", "AfterDeclareQueue", "AfterDeclareDelayQueue", "BeforeWorkerBoot"],
            host.Signals.Names.Take(7));
        Assert.Equal(
            ["AfterSkipMessage", "BeforeAck", "AfterAck", "BeforeDelayMessage", "BeforeAck", "AfterAck", "BeforeNack", "AfterNack"],
            Unracing(host.Signals.Names.Where(static name =>
                name.EndsWith("Ack", StringComparison.Ordinal) || name.EndsWith("Nack", StringComparison.Ordinal) || name.EndsWith("Message", StringComparison.Ordinal))));
        Assert.Equal(2, host.Signals.All.OfType<Signals.AfterConsumerStart>().Count());
        Assert.Equal(["default", "default.DQ"], host.Signals.All.OfType<Signals.AfterConsumerStart>().Select(static signal => signal.Queue).Order());
        AssertOrder(host, "BeforeWorkerBoot", "AfterWorkerBoot", "BeforeWorkerShutdown", "AfterWorkerShutdown");
        AssertOrder(host, "BeforeWorkerBoot", "AfterConsumerStart", "BeforeWorkerShutdown");
        AssertOrder(host, "BeforeWorkerBoot", "AfterWorkerStart", "BeforeWorkerShutdown");
        Assert.Empty(typeof(Signals).GetNestedTypes()
            .Where(static type => type.IsClass && type != typeof(Signals.HandlerAbandoned) && type != typeof(Signals.BeforeConsumerStop) && type != typeof(Signals.BeforeWorkerStop))
            .Select(static type => type.Name)
            .Except(host.Signals.Names));
    }

    [Fact]
    public async Task Consumer_and_worker_that_stop_must_be_told()
    {
        await using var host = await VirtualHost.StartAsync(static d =>
        {
            d.Options.Queues.Workers = 2;
            d.AddActor("work", () => { });
        });
        await host.Signals.AtLeastAsync<Signals.AfterWorkerStart>(2);
        await host.Host.Tasks.ScaleWorkersAsync("default", 1);
        Assert.Equal("default", (await host.Signals.FirstAsync<Signals.BeforeWorkerStop>()).Queue);
        (await host.Signals.FirstAsync<Signals.AfterConsumerStart>(static signal => signal.Queue == "default")).Consumer.Tell(PoisonPill.Instance);

        Assert.Equal("default", (await host.Signals.FirstAsync<Signals.BeforeConsumerStop>()).Queue);
    }

    /// <summary>The delayed message's way is known to two consumers: that of the delay queue acks while that of the queue runs it.</summary>
    private static List<string> Unracing(IEnumerable<string> names)
    {
        var list = names.ToList();
        var delayed = list.IndexOf("BeforeDelayMessage");
        return [.. list.Take(delayed + 1), .. list.Skip(delayed + 1).OrderBy(static name => name.EndsWith("Nack", StringComparison.Ordinal))];
    }

    private static void AssertOrder(VirtualHost host, params string[] names)
    {
        var places = names.Select(name => host.Signals.Names.ToList().IndexOf(name)).ToArray();
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
    }
}
