using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Hosting;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Management;

/// <summary>A real worker, and its management on a real Kestrel and a free port.</summary>
internal sealed class ManagementHost : IAsyncDisposable
{
    private readonly ManagementListener _listener;

    private ManagementHost(TestHost worker, ManagementListener listener)
    {
        Worker = worker;
        _listener = listener;
        Client = Browse();
    }

    public TestHost Worker { get; }

    public Uri Address => _listener.Address;

    public HttpClient Client { get; }

    /// <param name="configure">The management.</param>
    /// <param name="inspection">Whom it asks; null for the worker's own inspection.</param>
    /// <param name="declare">The worker; null for one that adds numbers.</param>
    /// <param name="worker">A worker that is there already.</param>
    public static async Task<ManagementHost> StartAsync(
        Action<ManagementOptions>? configure = null, IInspection? inspection = null, Action<DramatiqBuilder>? declare = null, TestHost? worker = null)
    {
        worker ??= await TestHost.StartAsync(declare ?? (static d => d.AddActor("add", static (int x, int y) => x + y)));
        var options = new ManagementOptions { Port = 0 };
        configure?.Invoke(options);
        var listener = await ManagementListener.StartAsync(new ManagementSite(worker.System, options, worker.Services, inspection));
        return new ManagementHost(worker, listener ?? throw new InvalidOperationException("The management did not start."));
    }

    /// <summary>A client with cookies of its own, that follows no redirect.</summary>
    public HttpClient Browse(string? token = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = Address };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    /// <summary>A client with the cookies that others have too.</summary>
    public HttpClient Browse(CookieContainer cookies) => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, CookieContainer = cookies }) { BaseAddress = Address };

    public async Task<(int Status, JsonNode? Body)> GetAsync(string path, HttpClient? client = null) => await ReadAsync(await (client ?? Client).GetAsync(path));

    public async Task<(int Status, JsonNode? Body)> PostAsync(string path, object? body = null, HttpClient? client = null) =>
        await ReadAsync(await (client ?? Client).PostAsJsonAsync(path, body ?? new { }));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _listener.DisposeAsync();
        await Worker.DisposeAsync();
    }

    private static async Task<(int Status, JsonNode? Body)> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            return ((int)response.StatusCode, text.Length > 0 && text[0] is '{' or '[' ? JsonNode.Parse(text) : null);
        }
    }
}
