using System.Text.Json;
using System.Threading.Channels;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Api;
using Dramatiq.Akka.Management.Hosting;
using Dramatiq.Akka.Management.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dramatiq.Akka.Management.Live;

/// <summary>Server-sent events.</summary>
internal static class LiveEndpoints
{
    /// <summary>What a listener has not read yet, at the most; beyond it the oldest is dropped.</summary>
    private const int MostUnread = 256;

    /// <summary>How long a connection may be silent before a comment is sent: without one nobody would notice that the other end is gone.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private static readonly byte[] Comment = ": still here\n\n"u8.ToArray();

    public static void Map(GuardedRoutes routes) => routes.MapApi("GET", "api/events", Access.Read, ListenAsync);

    private static async Task ListenAsync(HttpContext context, ManagementSite site)
    {
        var topics = TopicsOf(context.Request.Query["topics"].ToString());
        var stopping = context.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var channel = Channel.CreateBounded<LiveEvent>(new BoundedChannelOptions(MostUnread) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        try
        {
            if (await site.Feed.Ask(new LiveFeed.Listen(topics, channel.Writer), TimeSpan.FromSeconds(5), end.Token).ConfigureAwait(false) is LiveFeed.Full full)
            {
                await Problems.WriteAsync(
                    context, StatusCodes.Status503ServiceUnavailable, "full", $"There are {full.Most} listeners already (dramatiq.management.max-listeners). Try again later.").ConfigureAwait(false);
                return;
            }

            await SendAsync(context.Response, channel.Reader, site.Time, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Whoever listened is gone, or the process stops.
        }
        finally
        {
            site.Feed.Tell(new LiveFeed.Leave(channel.Writer));
        }
    }

    private static async Task SendAsync(HttpResponse response, ChannelReader<LiveEvent> events, TimeProvider time, CancellationToken cancellationToken)
    {
        response.ContentType = "text/event-stream; charset=utf-8";
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await response.Body.WriteAsync(Comment, cancellationToken).ConfigureAwait(false);
        await response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            using var silence = new CancellationTokenSource(Silence, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
            try
            {
                if (!await events.WaitToReadAsync(either.Token).ConfigureAwait(false))
                    return;
                while (events.TryRead(out var told))
                    await WriteAsync(response, told, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                await response.Body.WriteAsync(Comment, cancellationToken).ConfigureAwait(false);
            }

            await response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>JSON has no line breaks of its own, so one line of data is enough.</summary>
    private static async Task WriteAsync(HttpResponse response, LiveEvent told, CancellationToken cancellationToken)
    {
        await response.WriteAsync($"event: {told.Name}\ndata: ", cancellationToken).ConfigureAwait(false);
        await JsonSerializer.SerializeAsync(response.Body, told.Data, told.Data.GetType(), InspectionJson.Options, cancellationToken).ConfigureAwait(false);
        await response.WriteAsync("\n\n", cancellationToken).ConfigureAwait(false);
    }

    private static LiveTopics TopicsOf(string text)
    {
        var topics = LiveTopics.None;
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            topics |= word switch
            {
                "overview" => LiveTopics.Overview,
                "messages" => LiveTopics.Messages,
                "log" => LiveTopics.Log,
                _ => throw new InspectionException(InspectionFailure.Invalid, $"There is no topic '{word}' to listen to. There are: overview, messages, log."),
            };
        return topics is LiveTopics.None ? LiveTopics.Overview : topics;
    }
}
