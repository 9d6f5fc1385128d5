using System.CommandLine;
using Dramatiq.Akka.Interop;

var broker = new Option<string>("--broker") { Description = BrokerChoice.Description, Required = true };
broker.Validators.Add(static given =>
{
    if (BrokerChoice.Refusal(given.GetValueOrDefault<string>()) is { } refusal)
        given.AddError(refusal);
});
var results = new Option<string?>("--results") { Description = StoreChoice.Description };
results.Validators.Add(static given =>
{
    if (StoreChoice.Refusal(given.GetValueOrDefault<string?>()) is { } refusal)
        given.AddError(refusal);
});
var delay = new Option<long?>("--delay") { Description = "How long the message waits before it may run, in milliseconds." };
var wait = new Option<long?>("--wait") { Description = "How long to wait for the result, in milliseconds. Needs --results." };
var queue = new Argument<string>("queue") { Description = "The queue of the actor." };
var actor = new Argument<string>("actor") { Description = "The actor: one of ours, or of Python's." };
var arguments = new Argument<string>("json_args") { Description = "Its positional arguments, as a JSON array." };

var worker = new Command("worker", "Runs the actors of this example until SIGTERM.") { broker, results };
worker.SetAction(async (result, token) =>
{
    await Worker.RunAsync(result.GetValue(broker)!, result.GetValue(results), token);
    return 0;
});

var send = new Command("send", "Sends one message, and prints one line of JSON.") { broker, results, queue, actor, arguments, delay, wait };
send.Validators.Add(given =>
{
    if (given.GetValue(wait) is { } ms && (ms < 0 || given.GetValue(results) is null))
        given.AddError(ms < 0 ? $"--wait must be 0 or more, was {ms}." : "--wait needs --results, since somebody must store the result.");
});
send.SetAction((result, token) => Sender.SendAsync(
    result.GetValue(broker)!,
    result.GetValue(results),
    new Order(result.GetValue(queue)!, result.GetValue(actor)!, result.GetValue(arguments)!, result.GetValue(delay), result.GetValue(wait)),
    token));

var parsed = new RootCommand("Python's Dramatiq and Dramatiq.Akka on the same queues.") { worker, send }.Parse(args);
// The host hears the signals itself. Both at once would be one too many: whoever is late cancels what is gone already.
var exitCode = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
return parsed.Errors.Count > 0 ? Sender.WrongUsage : exitCode;
