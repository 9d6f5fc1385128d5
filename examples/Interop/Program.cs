using System.CommandLine;
using Dramatiq.Akka.Interop;

var broker = new Option<string>("--broker") { Description = BrokerChoice.Description, Required = true };
broker.Validators.Add(static given =>
{
    if (BrokerChoice.Refusal(given.GetValueOrDefault<string>()) is { } refusal)
        given.AddError(refusal);
});
var results = new Option<string?>("--results") { Description = "Where results are stored. Not there yet." };
var delay = new Option<long?>("--delay") { Description = "How long the message waits before it may run, in milliseconds." };
var wait = new Option<long?>("--wait") { Description = "How long to wait for the result, in milliseconds. Needs --results." };
var queue = new Argument<string>("queue") { Description = "The queue of the actor." };
var actor = new Argument<string>("actor") { Description = "The actor: one of ours, or of Python's." };
var arguments = new Argument<string>("json_args") { Description = "Its positional arguments, as a JSON array." };

var worker = new Command("worker", "Runs the actors of this example until SIGTERM.") { broker, results };
worker.SetAction(async (result, token) =>
{
    if (WithoutResults(result.GetValue(results)) is { } refusal)
        return refusal;
    await Worker.RunAsync(result.GetValue(broker)!, token);
    return 0;
});

var send = new Command("send", "Sends one message, and prints one line of JSON.") { broker, results, queue, actor, arguments, delay, wait };
send.SetAction(async (result, token) =>
{
    if (WithoutResults(result.GetValue(results) ?? (result.GetValue(wait) is null ? null : "--wait")) is { } refusal)
        return refusal;
    return await Sender.SendAsync(
        result.GetValue(broker)!, new Order(result.GetValue(queue)!, result.GetValue(actor)!, result.GetValue(arguments)!, result.GetValue(delay)), token);
});

return await new RootCommand("Python's Dramatiq and Dramatiq.Akka on the same queues.") { worker, send }.Parse(args).InvokeAsync();

static int? WithoutResults(string? wanted)
{
    if (wanted is null)
        return null;
    Console.Error.WriteLine("Results are not stored yet: leave out --results and --wait.");
    return 2;
}
