namespace Dramatiq.Akka.WebApp;

/// <summary>What somebody orders.</summary>
internal sealed record Order(string Item, string Email);

/// <summary>The task: it is <c>send_receipt</c> on the wire.</summary>
[Task(Queue = "receipts", MaxRetries = 5, MinBackoffMs = 1_000)]
internal sealed record SendReceipt(string Item, string Email);

/// <summary>Sends receipts, or would: a mail server is left to your imagination. One to nobody@… fails, so that there is something to see.</summary>
internal sealed class Receipts : TaskActor
{
    private static int _sent;

    public Receipts() => ReceiveAsync<SendReceipt>(async task =>
    {
        await Task.Delay(TimeSpan.FromMilliseconds(200), Cancellation);
        if (task.Email.StartsWith("nobody@", StringComparison.OrdinalIgnoreCase))
            throw new InvalidOperationException($"550 no such user: {task.Email}");
        Interlocked.Increment(ref _sent);
    });

    public static int Sent => Volatile.Read(ref _sent);
}

/// <summary>The one page of this shop.</summary>
internal static class Shop
{
    public const string Page = """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>A small shop</title>
        <style>body { font: 16px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 10vh auto; padding: 0 1rem } label, button { display: block; margin: 1rem 0 } input { width: 100%; font: inherit; padding: .4rem }</style>
        <h1>A small shop</h1>
        <form><label>Item <input name="item" value="Tea"></label><label>E-mail <input name="email" value="ada@example.com"></label><button>Order</button></form>
        <p id="said" role="status">Receipts to nobody@example.com fail, and are tried again.</p>
        <p><a href="/dramatiq/">What the workers do</a></p>
        <script>
          document.forms[0].addEventListener("submit", async event => {
            event.preventDefault();
            const order = Object.fromEntries(new FormData(event.target));
            const answer = await fetch("/orders", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(order) });
            document.getElementById("said").textContent = answer.ok ? "Thank you. The receipt is on its way." : await answer.text();
          });
        </script>
        </html>
        """;
}
