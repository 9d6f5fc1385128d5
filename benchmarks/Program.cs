using System.CommandLine;
using BenchmarkDotNet.Running;
using Dramatiq.Akka.Benchmarks;

if (args is [DrainingProcess.Command, var drained, var queue, var workers])
    return await DrainingProcess.RunAsync(drained, queue, workers);

var broker = new Option<string>("--broker") { Description = "The broker: memory, amqp://user:password@host:port/vhost, or redis://host:port/database.", DefaultValueFactory = static _ => "memory" };
var messages = new Option<int?>("--messages") { Description = "How many messages." };
var concurrency = new Option<int?>("--concurrency") { Description = "How many workers." };

var raw = new Option<bool>("--raw") { Description = "Measure the same duty by the broker's client alone before, and give ours / raw." };
var foreign = new Option<bool>("--foreign") { Description = "For latency on Redis: write the messages as Python does, from outside." };

var results = new Option<bool>("--results") { Description = "For drain: beside it, the same with a result stored for each message, and give with / without." };

var root = new RootCommand("Whole-process benchmarks of Dramatiq.Akka: one JSON line for each run.")
{
    Work("drain", "Drains a full queue with a handler that does nothing, beside a bare chain of eight actors for each worker.", 500_000, 8, Drain.RunAsync),
    Work("telemetry", "Drains a full queue in turns with Prometheus reading the metrics and the dashboard open, and with nobody listening.", 300_000, 8, TelemetryCost.RunAsync),
    Work("enqueue", "Enqueues through the gateway, confirmed, with at most 1,000 waiting.", 200_000, 1, Enqueueing.RunAsync),
    Work("latency", "Sends a message each 10 ms to an idle worker, and measures from enqueue to the start of its handler.", 500, 8, Latency.RunAsync),
    Work("io", "Runs tasks that await 50 ms each, beside the same waits on bare tasks.", 2_000, 64, Io.RunAsync),
    Work("delayed", "Sends messages that are due in an hour, and measures what they cost this process. They stay at the broker: use one that nobody else does.", 100_000, 8, Delayed.RunAsync),
    Work("results", "Awaits the results of so many tasks at once, and measures from the call that stores one to its return.", 5_000, 8, Results.RunAsync),
    Work("workers", "Starts a queue with so many workers, and waits until each has run a message.", 1_000, 1_000, Workers.RunAsync),
    Work("limits", "Acquires and releases a concurrent rate limit on Redis, beside two raw script calls.", 50_000, 64, Limits.RunAsync),
    Work("dashboard", "Visits each page of the dashboard while so many messages wait, and a tenth as many are dead; the percentiles are the slowest page's.", 1_000_000, 8, Dashboard.RunAsync),
};

var micro = new Command("micro", "BenchmarkDotNet: encode, decode, bind. What follows is passed to it.") { TreatUnmatchedTokensAsErrors = false };
micro.SetAction(static result => { BenchmarkSwitcher.FromAssembly(typeof(Drain).Assembly).Run([.. result.UnmatchedTokens]); });
root.Add(micro);
return await root.Parse(args).InvokeAsync();

Command Work(string name, string description, int defaultMessages, int defaultConcurrency, Func<WorkOptions, Task<WorkResult>> run)
{
    var command = new Command(name, description) { broker, messages, concurrency, raw, foreign, results };
    command.SetAction(async (result, _) =>
    {
        var options = new WorkOptions(name, result.GetValue(broker)!, result.GetValue(messages) ?? defaultMessages, result.GetValue(concurrency) ?? defaultConcurrency, result.GetValue(raw), result.GetValue(foreign), result.GetValue(results));
        Console.WriteLine((await run(options)).ToJson());
    });
    return command;
}
