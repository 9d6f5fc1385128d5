using Akka.Hosting;
using Dramatiq.Akka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// A worker that runs one message, says "running", and goes on when a line comes in; it says "stopping" when it was told to. A test sends it signals meanwhile.
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
        await Console.In.ReadLineAsync();
        Console.WriteLine("finished");
    });
}));
using var host = builder.Build();
host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => Console.WriteLine("stopping"));
await host.StartAsync();
await host.Services.GetRequiredService<ITaskQueue>().EnqueueAsync(new ActorCall("slow"));
await host.WaitForShutdownAsync();
