using System.Collections.Frozen;
using System.Security.Cryptography;
using Dramatiq.Akka.Management.Hosting;
using Microsoft.AspNetCore.Http;

namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>Style, script and picture, out of the assembly. An address holds a hash of what is there, so a browser may keep it for ever.</summary>
internal static class Assets
{
    private const string Prefix = "Dramatiq.Akka.Management.Assets.";

    private static readonly FrozenDictionary<string, Asset> All = Load().ToFrozenDictionary(static asset => asset.Name, StringComparer.Ordinal);

    public static string Link(PageRequest request, string name) => request.Link($"assets/{name}?v={All[name].Hash}");

    /// <summary>They are the same for everybody and hold nothing of anybody's, so they need no permission: a page to sign in has them too.</summary>
    public static void Map(GuardedRoutes routes) => routes.MapOpen("assets/{name}", static (context, _) =>
    {
        if (!All.TryGetValue((string)context.Request.RouteValues["name"]!, out var asset))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        context.Response.Headers.CacheControl = context.Request.Query["v"] == asset.Hash ? "public, max-age=31536000, immutable" : "no-cache";
        context.Response.ContentType = asset.ContentType;
        context.Response.ContentLength = asset.Bytes.Length;
        return context.Response.Body.WriteAsync(asset.Bytes, context.RequestAborted).AsTask();
    });

    private static IEnumerable<Asset> Load()
    {
        var assembly = typeof(Assets).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            if (!resource.StartsWith(Prefix, StringComparison.Ordinal))
                continue;

            using var stream = assembly.GetManifestResourceStream(resource)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            yield return new Asset(resource[Prefix.Length..], bytes, Convert.ToHexStringLower(SHA256.HashData(bytes))[..12]);
        }
    }

    private sealed record Asset(string Name, byte[] Bytes, string Hash)
    {
        public string ContentType => System.IO.Path.GetExtension(Name) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };
    }
}
