// A web app that takes orders and answers at once, while workers in the same process send the receipts. The dashboard is at /dramatiq.
//
//   dotnet run --project examples/WebApp                                        # in memory
//   dotnet run --project examples/WebApp -- --redis redis://localhost:6379/0    # on a server, with as many of these as you like
using Akka.Hosting;
using Dramatiq.Akka;
using Dramatiq.Akka.WebApp;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddTaskQueue();
builder.Services.AddAkka("shop", akka =>
{
    akka.WithDramatiq(static d => d.AddActor<Receipts>(static a => a.Handles<SendReceipt>()));
    if (builder.Configuration["redis"] is { } redis)
        akka.WithRedis(redis);
});

var app = builder.Build();
app.MapGet("/", static () => Results.Content(Shop.Page, "text/html; charset=utf-8"));
app.MapPost("/orders", static async (Order order, ITaskQueue queue) =>
{
    if (string.IsNullOrWhiteSpace(order.Email))
        return Results.BadRequest("An order needs an e-mail address.");

    var enqueued = await queue.EnqueueAsync(new SendReceipt(order.Item, order.Email));
    return Results.Accepted($"/dramatiq/message?id={enqueued.MessageId}", new { enqueued.MessageId });
});

// For this machine alone. To open it to others: .RequireAuthorization("operators"), and OrderPolicy for those who may also order.
app.MapDramatiq("/dramatiq", static m => m.AddCommand("shop sent", "How many receipts this process has sent.", static () => Receipts.Sent, isOrder: false));
await app.RunAsync();
