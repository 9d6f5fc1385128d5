using System.Net;
using System.Net.Sockets;
using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Tests.EndToEnd;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Dramatiq.Akka.Tests.Telemetry;

/// <summary>A worker with OpenTelemetry and a page for Prometheus.</summary>
internal sealed class ScrapedHost : IAsyncDisposable
{
    private readonly TestHost _host;
    private readonly MeterProvider _metrics;
    private readonly HttpClient _client;

    private ScrapedHost(TestHost host, MeterProvider metrics, int port)
    {
        _host = host;
        _metrics = metrics;
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
    }

    public InMemoryBroker Broker => _host.Broker;

    public ITaskQueue Queue => _host.Queue;

    public LogLines Log => _host.Log;

    public static async Task<ScrapedHost> StartAsync(Action<DramatiqBuilder> configure)
    {
        var (metrics, port) = Export();
        try
        {
            return new ScrapedHost(await TestHost.StartAsync(configure), metrics, port);
        }
        catch
        {
            metrics.Dispose();
            throw;
        }
    }

    public async Task<Scrape> ScrapeAsync(string accept = "text/plain")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await _client.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return new Scrape(await answer.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
        await Task.Run(_metrics.Dispose).WaitAsync(TimeSpan.FromSeconds(20));
    }

    /// <summary>On a port that was free a moment ago; should somebody else have taken it, on another one.</summary>
    private static (MeterProvider Metrics, int Port) Export()
    {
        for (var attempt = 1; ; attempt++)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var port = ((IPEndPoint)probe.LocalEndpoint).Port;
            probe.Stop();
            try
            {
                return (Sdk.CreateMeterProviderBuilder()
                    .AddMeter(DramatiqTelemetry.MeterName)
                    .AddPrometheusHttpListener(options => (options.Host, options.Port, options.ScrapeResponseCacheDurationMilliseconds) = ("127.0.0.1", port, 0))
                    .Build(), port);
            }
            catch (Exception) when (attempt < 5)
            {
                // Taken meanwhile.
            }
        }
    }
}
