using Dramatiq.Akka.Management.Hosting;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>
/// Whoever looks at a worker from outside: somebody has the dashboard open, hears the live events and fetches the overview anew at each, as the script of the page does; and Prometheus reads
/// <c>/metrics</c>, more often than it would.
/// </summary>
internal sealed class Onlooker : IAsyncDisposable
{
    /// <summary>So many times each page is fetched before the start is over: enough for what a new web server compiles by and by.</summary>
    private const int Looks = 3;

    private static readonly TimeSpan ScrapeInterval = TimeSpan.FromSeconds(1);

    private readonly ManagementListener _listener;
    private readonly HttpClient _client;
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _shown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task[] _looking;

    private Onlooker(ManagementListener listener)
    {
        _listener = listener;
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = listener.Address, Timeout = Timeout.InfiniteTimeSpan };
        _looking = [FollowAsync(), ScrapeAsync()];
    }

    /// <summary>Returns when it has looked a few times.</summary>
    public static async Task<Onlooker> StartAsync(BenchmarkHost host)
    {
        var site = new ManagementSite(host.System, new ManagementOptions { Port = 0 }, host.Services);
        var onlooker = new Onlooker(await ManagementListener.StartAsync(site) ?? throw new InvalidOperationException("The management did not start."));
        await await Task.WhenAny([onlooker._shown.Task, .. onlooker._looking]);
        return onlooker;
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        try
        {
            await Task.WhenAll(_looking);   // one that failed on the way would have cost nothing
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
        }

        _client.Dispose();
        await _listener.DisposeAsync();
        _closed.Dispose();
    }

    private async Task FollowAsync()
    {
        using var events = await _client.GetAsync(new Uri("api/events?topics=overview", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, _closed.Token);
        events.EnsureSuccessStatusCode();
        using var lines = new StreamReader(await events.Content.ReadAsStreamAsync(_closed.Token));
        for (var looks = 0; await lines.ReadLineAsync(_closed.Token) is { } line;)
        {
            if (!line.StartsWith("event: overview", StringComparison.Ordinal))
                continue;

            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("", UriKind.Relative)) { Headers = { { "Dramatiq-Part", "live" } } };
            using var page = await _client.SendAsync(request, _closed.Token);
            page.EnsureSuccessStatusCode();
            if (++looks == Looks)
                _shown.TrySetResult();
        }
    }

    private async Task ScrapeAsync()
    {
        using var timer = new PeriodicTimer(ScrapeInterval);
        do
        {
            using var metrics = await _client.GetAsync(new Uri("metrics", UriKind.Relative), _closed.Token);
            metrics.EnsureSuccessStatusCode();
        }
        while (await timer.WaitForNextTickAsync(_closed.Token));
    }
}
