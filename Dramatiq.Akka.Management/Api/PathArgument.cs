using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dramatiq.Akka.Management.Api;

/// <summary>A command's argument that stands in its path. The server leaves a slash in it encoded, and nobody can tell that from a value that says <c>%2F</c>, but by what was sent.</summary>
internal static class PathArgument
{
    /// <param name="context">The request.</param>
    /// <param name="path">The command's path, with names in braces.</param>
    /// <param name="name">The argument.</param>
    /// <param name="routed">What the server made of it.</param>
    public static string? Read(HttpContext context, string path, string name, string? routed)
    {
        if (routed?.Contains('%', StringComparison.Ordinal) != true || context.Features.Get<IHttpRequestFeature>()?.RawTarget is not { Length: > 0 } sent)
            return routed;

        var template = path.Split('/');
        var segments = sent.Split('?')[0].TrimEnd('/').Split('/');
        if (segments.Contains("..") || segments.Contains("."))
            return routed;   // the server has counted without them

        var fromEnd = template.Length - Array.IndexOf(template, $"{{{name}}}");
        return fromEnd > template.Length || fromEnd > segments.Length ? routed : Uri.UnescapeDataString(segments[^fromEnd]);
    }
}
