using System.Net;
using System.Text.Json;

namespace Dramatiq.Akka.Cli.Http;

/// <summary>Why there is no answer, in words for whoever typed the command.</summary>
internal static class Problem
{
    private const string TryAddress = "Is the process running, with WithManagement or MapDramatiq? Name another address with --url or DRAMATIQ_URL.";
    private const string MayBeDone = "The order may have been carried out.";
    private const string LookFirst = "Look before you give it again.";
    private const int MostBytes = 64 << 10;

    public static CommandFailure NoManagement(Uri url) =>
        new(ExitCodes.Unreachable, $"There is no management of Dramatiq.Akka at {url}.", "The address needs its path too: a web app has it at /dramatiq unless told otherwise.");

    public static CommandFailure Unreachable(Uri url, Exception error, TimeSpan timeout) => error is OperationCanceledException
        ? new(ExitCodes.Unreachable, $"No answer from {url} within {Durations.Write(timeout)}.", "--timeout waits longer.")
        : new(ExitCodes.Unreachable, $"Cannot reach {url}: {ReasonOf(error)}.", TryAddress);

    /// <summary>An order that was sent, or may have been, and whose answer did not come.</summary>
    public static CommandFailure Unanswered(Uri url, Exception error, TimeSpan timeout) =>
        new(ExitCodes.Unanswered, $"{(error is OperationCanceledException ? $"No answer from {url} within {Durations.Write(timeout)}" : $"The connection to {url} was lost: {ReasonOf(error)}")}. {MayBeDone}", LookFirst);

    /// <summary>Whether the host may have got what was sent: not when there never was a connection.</summary>
    public static bool MayHaveArrived(Exception error) => error is not HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError or HttpRequestError.VersionNegotiationError,
    };

    public static async Task<CommandFailure> OfAsync(HttpResponseMessage response, ManagementClient client, bool isOrder, CancellationToken stop)
    {
        var (detail, failure) = await DetailAsync(response, stop).ConfigureAwait(false);
        var what = detail ?? $"{client.Url} answered {(int)response.StatusCode} {response.ReasonPhrase}.";
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized when client.ShowsToken => new(ExitCodes.NotAllowed, $"{client.Url} does not accept this token.", "Is it the token of this process (dramatiq.management.token or order-token)?"),
            HttpStatusCode.Unauthorized => new(ExitCodes.NotAllowed, $"{client.Url} wants a token.", "Put it into DRAMATIQ_TOKEN, or give it with --token."),
            HttpStatusCode.Forbidden => new(ExitCodes.NotAllowed, $"{client.Url} refuses this: {what}"),
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => new(
                ExitCodes.NotAllowed, $"{client.Url} sends one elsewhere, as a page to sign in does.", "Give a token that it accepts, or the address where the API itself is."),
            HttpStatusCode.NotFound when failure is null => NoManagement(client.Url),
            HttpStatusCode.NotFound => new(ExitCodes.NotFound, what),
            HttpStatusCode.BadRequest => new(ExitCodes.Usage, what),
            HttpStatusCode.GatewayTimeout when isOrder => new(ExitCodes.Unanswered, failure is null ? $"{what} {MayBeDone}" : what, LookFirst),
            HttpStatusCode.BadGateway when isOrder && failure is null => new(ExitCodes.Unanswered, $"{what} {MayBeDone}", LookFirst),
            HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout when failure is null => new(ExitCodes.Unreachable, what, TryAddress),
            _ => new(ExitCodes.Failed, what, failure is "brokerAway" ? "The process is there and its broker is not. Try again when it is back." : null),
        };
    }

    /// <summary>What the management itself says, and its word for programs; nothing of an answer by somebody else.</summary>
    private static async Task<(string? Detail, string? Failure)> DetailAsync(HttpResponseMessage response, CancellationToken stop)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json" || response.Content.Headers.ContentLength > MostBytes)
            return (null, null);
        try
        {
            await response.Content.LoadIntoBufferAsync(MostBytes, stop).ConfigureAwait(false);
            var body = await response.Content.ReadAsStringAsync(stop).ConfigureAwait(false);
            using var problem = JsonDocument.Parse(body);
            return (TextOf(problem.RootElement, "detail"), TextOf(problem.RootElement, "failure"));
        }
        catch (Exception wrong) when (wrong is JsonException or HttpRequestException)
        {
            return (null, null);
        }
    }

    private static string? TextOf(JsonElement problem, string name) =>
        problem.ValueKind is JsonValueKind.Object && problem.TryGetProperty(name, out var text) && text.ValueKind is JsonValueKind.String ? text.GetString() : null;

    private static string ReasonOf(Exception error)
    {
        var inner = error;
        while (inner.InnerException is { } deeper)
            inner = deeper;
        return error is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } ? "no such host is known" : inner.Message.TrimEnd('.');
    }
}
