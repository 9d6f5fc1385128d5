using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dramatiq.Akka.Management.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Dramatiq.Akka.Management.Security;

/// <summary>
/// Knows the tokens, as a header or as the cookie of one who signed in with it. The cookie holds no token: it is an expiry with a signature that the token is the key of, so it ends
/// with the token, and holds in every process that has the same one.
/// </summary>
internal sealed class Tokens(ManagementSettings settings, TimeProvider time)
{
    private const string Scheme = "Bearer ";

    private readonly byte[]? _read = KeyOf(settings.Token);
    private readonly byte[]? _order = KeyOf(settings.OrderToken);

    public bool Any => _read is not null || _order is not null;

    /// <summary>The name of the cookie of one who signed in.</summary>
    public static string Cookie(HttpRequest request) => SiteCookies.Name("dramatiq-session", request);

    public bool ForOrders => _order is not null;

    public Access AccessOf(HttpRequest request)
    {
        if (!Any)
            return Access.None;

        var header = request.Headers[HeaderNames.Authorization].ToString();
        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return AccessOf(header[Scheme.Length..].Trim());
        return request.Cookies[Cookie(request)] is { } session ? AccessOfSession(session) : Access.None;
    }

    public Access AccessOf(string token)
    {
        var key = KeyOf(token);
        return Same(key, _order) ? Access.Order : Same(key, _read) ? Access.Read : Access.None;
    }

    /// <summary>The cookie of one who has shown a token that gives this access.</summary>
    public (string Value, DateTimeOffset Expires) Session(Access access)
    {
        var expires = time.GetUtcNow() + settings.Session;
        var end = expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return ($"{end}.{Signature(access is Access.Order ? _order! : _read!, end)}", expires);
    }

    private Access AccessOfSession(string session)
    {
        var dot = session.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !long.TryParse(session.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var end) || time.GetUtcNow().ToUnixTimeSeconds() >= end)
            return Access.None;

        var (signed, signature) = (session[..dot], Encoding.UTF8.GetBytes(session[(dot + 1)..]));
        return _order is not null && Same(signature, Encoding.UTF8.GetBytes(Signature(_order, signed))) ? Access.Order
            : _read is not null && Same(signature, Encoding.UTF8.GetBytes(Signature(_read, signed))) ? Access.Read
            : Access.None;
    }

    private static string Signature(byte[] key, string text) => Convert.ToHexString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes("dramatiq session " + text)));

    private static byte[]? KeyOf(string? token) => token is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static bool Same(byte[]? one, byte[]? other) => one is not null && other is not null && CryptographicOperations.FixedTimeEquals(one, other);
}
