using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Examples.WebApp;

/// <summary>The example as its user meets it: a process.</summary>
public sealed class WebAppSpec
{
    [Fact]
    public async Task An_order_must_be_taken_at_once_and_its_receipt_be_sent_and_seen_on_the_dashboard()
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [Checkout.Program("examples/WebApp", "WebApp.dll"), "--urls", "http://127.0.0.1:0"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = await AddressAsync(process) };
            var drained = process.StandardOutput.ReadToEndAsync();

            Assert.Contains("A small shop", await client.GetStringAsync(new Uri("/", UriKind.Relative)), StringComparison.Ordinal);
            using var order = await client.PostAsJsonAsync("orders", new { item = "Tea", email = "ada@example.com" });
            Assert.Equal(System.Net.HttpStatusCode.Accepted, order.StatusCode);
            await Eventually.AssertAsync(async () =>
            {
                using var sent = await client.PostAsJsonAsync("dramatiq/api/commands/shop%20sent", new { });
                Assert.Equal(1, (int)JsonNode.Parse(await sent.Content.ReadAsStringAsync())!["value"]!);
            });

            Assert.Contains("receipts", await client.GetStringAsync(new Uri("dramatiq", UriKind.Relative)), StringComparison.Ordinal);
            Assert.Contains("send_receipt", await client.GetStringAsync(new Uri("dramatiq/actors", UriKind.Relative)), StringComparison.Ordinal);
            process.Kill();
            await drained;
        }
        finally
        {
            await process.EndAsync();
        }

        Assert.Equal("", await error);
    }

    private static async Task<Uri> AddressAsync(Process process)
    {
        const string mark = "Now listening on: ";
        while (await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)) is { } line)
            if (line.IndexOf(mark, StringComparison.Ordinal) is >= 0 and var at)
                return new Uri(line[(at + mark.Length)..].Trim());
        throw new InvalidOperationException("The example ended: " + await process.StandardError.ReadToEndAsync());
    }
}
