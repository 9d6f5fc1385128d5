using Akka.Hosting;
using Dramatiq.Akka;
using Dramatiq.Akka.Bookshop;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// A bookshop's orders, as tasks made of tasks: everything in one process and in memory. See docs/composition.md.
var closed = new TaskCompletionSource();
var builder = Host.CreateApplicationBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddTaskQueue();
builder.Services.AddAkka("bookshop", akka => akka
    .ConfigureLoggers(static loggers => loggers.ClearLoggers().AddLoggerFactory())
    .WithInMemoryResults()      // on a server: WithRedisResults("redis://…") and WithRedisRateLimits("redis://…")
    .WithInMemoryRateLimits()
    .WithDramatiq(d => d
        .AddActor<Clerk>(static a => a.Handles<Price>().Handles<Total>().Handles<Receipt>())
        .AddActor("sorry", static (string customer, MessageContext context) =>
            Console.WriteLine($"Sorry, {customer}: {GroupFailure.Of(context.Message)!.Message}"))
        .AddActor("close", () =>
        {
            Console.WriteLine("The shop is closed.");
            closed.SetResult();
        })));
using var host = builder.Build();
await host.StartAsync();
var queue = host.Services.GetRequiredService<ITaskQueue>();

// The prices side by side, then their total, then the receipt: each step gets what the one before gave as its last argument.
static Pipeline Order(string customer, params string[] titles) =>
    (Group.Of(titles.Select(static title => new Price(title))) | new Total() | new Receipt(customer)).AddFailureCallback(new ActorCall("sorry", customer)).StoreResults();

var order = await queue.RunAsync(Order("Ada", "Emma", "Ulysses", "Walden"));
Console.WriteLine(await order.GetResultAsync<string>());
Console.WriteLine($"{await order.CompletedCountAsync()} of {order.Count} steps, prices {string.Join(" + ", await order.GetStepResultAsync<List<decimal>>(0))}");

// Several orders side by side: as they end, whichever way.
var day = await queue.RunAsync(Group.Of(Order("Grace", "Emma"), Order("Alan", "Emma", "Necronomicon"), Order("Edsger", "Walden", "Walden")).AddEndCallback(new ActorCall("close")));
var receipts = new string[day.Count];
await foreach (var ended in day.GetResultsAsEndedAsync<string>())
    receipts[ended.Index] = ended.IsSuccess ? ended.Value! : $"Nothing: {ended.Failure!.ErrorMessage}";
Console.WriteLine(string.Join(Environment.NewLine, receipts));
await closed.Task;
await host.StopAsync();
