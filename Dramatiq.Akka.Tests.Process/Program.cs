using Akka.Hosting;
using Dramatiq.Akka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// A worker that runs one message, says "running", and goes on when a line comes in; it says "stopping" when it was told to. A test sends it signals meanwhile.
using var input = new StreamReader(Console.OpenStandardInput());
var builder = Host.CreateApplicationBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddTaskQueue();
builder.Services.AddAkka("worker", akka => akka.AddHocon("akka.loglevel = OFF, akka.stdout-loglevel = OFF", HoconAddMode.Prepend).WithDramatiq(d =>
{
    if (args is ["bad-setting"])
        d.Options.MaxDeliveries = -1;

    d.AddActor("slow", async () =>
    {
        Console.WriteLine("running");
        await input.ReadLineAsync();
        Console.WriteLine("finished");
    });
}));
using var host = builder.Build();
await host.StartAsync();
// Not ApplicationStopping: Akka's own hook hears the signal first, and tells the host when the system has stopped.
CoordinatedShutdown.Get(host.Services.GetRequiredService<ActorSystem>()).AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "say-stopping", () =>
{
    Console.WriteLine("stopping");
    return Task.FromResult(Akka.Done.Instance);
});
await host.Services.GetRequiredService<ITaskQueue>().EnqueueAsync(new ActorCall("slow"));
await host.WaitForShutdownAsync();
