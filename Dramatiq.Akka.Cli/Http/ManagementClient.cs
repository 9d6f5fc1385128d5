using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dramatiq.Akka.Cli.Http;

/// <summary>Asks the management of a process, and says in an operator's words why there is no answer.</summary>
internal sealed class ManagementClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly TimeSpan _timeout;
    private readonly TimeSpan _orderTimeout;
    private readonly TimeProvider _time;

    /// <param name="url">Where it is, with a slash at the end.</param>
    /// <param name="token">What to show; null for nothing.</param>
    /// <param name="timeout">How long to wait for an answer.</param>
    /// <param name="time">Measures it.</param>
    /// <param name="orderTimeout">The same for an order; null for no longer.</param>
    public ManagementClient(Uri url, string? token, TimeSpan timeout, TimeProvider time, TimeSpan? orderTimeout = null)
    {
        _orderTimeout = orderTimeout ?? timeout;
        Url = url;
        _timeout = timeout;
        _time = time;
        // A redirect is not followed: the token is for this address alone. A proxy has no way to this machine itself.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = !url.IsLoopback }) { BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan };
        if (token is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        ShowsToken = token is not null;
    }

    public Uri Url { get; }

    public bool ShowsToken { get; }

    public Task<Answer<T>> GetAsync<T>(string path, CancellationToken stop) where T : class => AskAsync<T>(HttpMethod.Get, path, null, stop);

    /// <param name="path">Beneath the address.</param>
    /// <param name="arguments">Parameters that go into the query.</param>
    /// <param name="stop">Ends the wait.</param>
    public Task<Answer<T>> GetAsync<T>(string path, IEnumerable<KeyValuePair<string, string>> arguments, CancellationToken stop) where T : class =>
        AskAsync<T>(HttpMethod.Get, path + Address.Query(arguments), null, stop);

    public Task<Answer<T>> OrderAsync<T>(string path, JsonObject arguments, CancellationToken stop) where T : class => AskAsync<T>(HttpMethod.Post, path, arguments, stop);

    /// <summary>Begins to listen. The stream belongs to the caller.</summary>
    public async Task<Stream> ListenAsync(string path, CancellationToken stop)
    {
        var response = await SendAsync(HttpMethod.Get, path, null, stop).ConfigureAwait(false);
        if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            return await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        response.Dispose();
        throw Problem.NoManagement(Url);
    }

    public void Dispose() => _http.Dispose();

    private async Task<Answer<T>> AskAsync<T>(HttpMethod method, string path, JsonObject? arguments, CancellationToken stop) where T : class
    {
        using var response = await SendAsync(method, path, arguments, stop).ConfigureAwait(false);
        try
        {
            using var patience = new CancellationTokenSource(TimeoutOf(method), _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stop);
            var content = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            using var document = await JsonDocument.ParseAsync(content, cancellationToken: either.Token).ConfigureAwait(false);
            return new Answer<T>(document.RootElement.Clone(), Url);
        }
        catch (JsonException)
        {
            throw Problem.NoManagement(Url);
        }
        catch (Exception error) when (IsLost(error, stop))
        {
            throw Lost(method, error);
        }
    }

    /// <summary>The answer's head, when it is a good one.</summary>
    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, JsonObject? arguments, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (arguments is not null)
            request.Content = new StringContent(arguments.ToJsonString(), Encoding.UTF8, "application/json");

        using var patience = new CancellationTokenSource(TimeoutOf(method), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stop);
        try
        {
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
                return response;
            using (response)
                throw await Problem.OfAsync(response, this, method == HttpMethod.Post, either.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (IsLost(error, stop))
        {
            throw Lost(method, error);
        }
    }

    private TimeSpan TimeoutOf(HttpMethod method) => method == HttpMethod.Post ? _orderTimeout : _timeout;

    private CommandFailure Lost(HttpMethod method, Exception error) =>
        method == HttpMethod.Post && Problem.MayHaveArrived(error) ? Problem.Unanswered(Url, error, _orderTimeout) : Problem.Unreachable(Url, error, TimeoutOf(method));

    private static bool IsLost(Exception error, CancellationToken stop) =>
        error is HttpRequestException or IOException || (error is OperationCanceledException && !stop.IsCancellationRequested);
}
