using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Hosting;
using Dramatiq.Akka.Management.Security;
using Microsoft.AspNetCore.Http;

namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>A page that somebody asks for, and may.</summary>
internal sealed class PageRequest(HttpContext context, ManagementSite site, string root)
{
    public HttpContext Context => context;

    public ManagementSite Site => site;

    /// <summary>What every address of the dashboard begins with, without a slash at the end.</summary>
    public string Root => root;

    public bool MayOrder => site.AccessOf(context) is Access.Order;

    public DateTimeOffset Now { get; } = site.Time.GetUtcNow();

    public Task<TAnswer> AskAsync<TAnswer>(IQuestion<TAnswer> question) => site.Pages.AskAsync(question, context.RequestAborted);

    /// <summary>A value of the query; null when it is not there or empty.</summary>
    public string? Query(string name) => context.Request.Query[name].ToString() is { Length: > 0 } text ? text.Trim() : null;

    public string Link(string path) => $"{root}/{path}";

    /// <summary>An address with a query; what is null is left out.</summary>
    public string Link(string path, params ReadOnlySpan<(string Name, string? Value)> query)
    {
        var link = new System.Text.StringBuilder(root).Append('/').Append(path);
        var separator = '?';
        foreach (var (name, value) in query)
            if (value is not null)
            {
                link.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
                separator = '&';
            }

        return link.ToString();
    }

    public string QueueLink(string queue) => Link("queues/" + Uri.EscapeDataString(queue));

    public string MessageLink(string queue, MessagePlace place, string key) => Link("message", ("queue", queue), ("place", Places.NameOf(place)), ("id", key));

    /// <summary>Where this page is, to come back to.</summary>
    public string Here => Addresses.Bare(context.Request.PathBase.Add(context.Request.Path).ToUriComponent() + context.Request.QueryString.ToUriComponent());

    /// <summary>Whether only the part that follows what happens is wanted.</summary>
    public bool IsPart => context.Request.Headers["Dramatiq-Part"] == "live";
}

/// <summary>What is shown.</summary>
/// <param name="Title">Of the page, and of its tab.</param>
/// <param name="Area">Which entry of the navigation it belongs to.</param>
/// <param name="Body">What comes beneath the navigation.</param>
/// <param name="Status">The status code.</param>
internal sealed record Page(string Title, string Area, Markup Body, int Status = StatusCodes.Status200OK)
{
    /// <summary>Whether the part marked <c>id="live"</c> follows what happens.</summary>
    public bool IsLive { get; init; }

    /// <summary>Whether to try again by itself, for a broker that is away.</summary>
    public bool TriesAgain { get; init; }
}
