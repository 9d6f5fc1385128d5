using Akka.Hosting;
using Dramatiq.Akka;
using Dramatiq.Akka.Examples.Limits;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// Reports of two tenants, one at a time for each; mails, three a second; and an import that skips its turn when another one runs.
// dotnet run [redis://localhost:6379/0]   With a Redis, start it several times: all of them keep to the limits together.
var builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddTaskQueue();
builder.Services.AddRateLimiters();
builder.Services.AddSingleton(new Log(Console.Out));
builder.Services.AddAkka("limits", akka =>
{
    akka.ConfigureLoggers(static loggers =>
    {
        loggers.ClearLoggers();
        loggers.AddLoggerFactory();
    });
    akka.WithDramatiq(d => d
        .AddActor<Reports>(a => a.Handles<Report>(o => o.RateLimit(RateLimit.Concurrent("reports").PerArgument("tenant"))))
        .AddActor<Mails>(a => a.Handles<Mail>(o => o.RateLimit(RateLimit.Bucket("mails", 3, TimeSpan.FromSeconds(1)))))
        .AddActor<Imports>(a => a.Handles<Import>()));
    if (args is [var redis])
        akka.WithRedis(redis).WithRedisRateLimits(redis);
    else
        akka.WithInMemoryRateLimits();
});
using var host = builder.Build();
await host.StartAsync();

var queue = host.Services.GetRequiredService<ITaskQueue>();
await queue.EnqueueManyAsync([new Import("a"), new Import("b")]);
await queue.EnqueueManyAsync(Enumerable.Range(1, 3).SelectMany(page => (object[])[new Report("acme", page), new Report("globex", page)]));
await queue.EnqueueManyAsync(Enumerable.Range(1, 7).Select(number => new Mail(number)));
await host.Services.GetRequiredService<Log>().LinesAsync(15);
await host.StopAsync();
