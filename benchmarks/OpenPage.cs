using Dramatiq.Akka.Management.Hosting;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>The dashboard as somebody has it open: it hears the live events, and fetches the overview anew at each, as the script of the page does.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private readonly ManagementListener _listener;
    private readonly HttpClient _client;
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _shown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _following;

    private OpenPage(ManagementListener listener)
    {
        _listener = listener;
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = listener.Address, Timeout = Timeout.InfiniteTimeSpan };
        _following = FollowAsync();
    }

    /// <summary>Returns when the page is there.</summary>
    public static async Task<OpenPage> OpenAsync(BenchmarkHost host)
    {
        var site = new ManagementSite(host.System, new ManagementOptions { Port = 0 }, host.Services);
        var page = new OpenPage(await ManagementListener.StartAsync(site) ?? throw new InvalidOperationException("The management did not start."));
        await await Task.WhenAny(page._shown.Task, page._following);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        try
        {
            await _following;   // a page that failed on the way would have cost nothing
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
        while (await lines.ReadLineAsync(_closed.Token) is { } line)
        {
            if (!line.StartsWith("event: overview", StringComparison.Ordinal))
                continue;

            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("", UriKind.Relative)) { Headers = { { "Dramatiq-Part", "live" } } };
            using var page = await _client.SendAsync(request, _closed.Token);
            page.EnsureSuccessStatusCode();
            _shown.TrySetResult();
        }
    }
}
