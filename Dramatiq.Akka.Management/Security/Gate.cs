using Dramatiq.Akka.Management.Hosting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka.Management.Security;

/// <summary>
/// Says what a request may do. Looking needs one of: an authorization policy of the web app that let it through, a token, or, where neither is set up, to come from this machine.
/// Ordering needs more: the order policy or the order token; coming from this machine does where nothing else is set up.
/// </summary>
internal sealed class Gate(ManagementSettings settings, Tokens tokens, string? orderPolicy)
{
    /// <summary>Whether signing in with a token gets one any further.</summary>
    public bool TakesTokens => tokens.Any;

    public Tokens Tokens => tokens;

    public async ValueTask<Access> AccessOfAsync(HttpContext context)
    {
        var byPolicy = HasPassedPolicy(context);
        var byToken = tokens.AccessOf(context.Request);
        var byPlace = !byPolicy && !tokens.Any && Loopback.Made(context);
        if (!byPolicy && !byPlace && byToken is Access.None)
            return Access.None;
        if (settings.IsReadOnly)
            return Access.Read;
        if (byToken is Access.Order || await MayOrderAsync(context).ConfigureAwait(false))
            return Access.Order;
        return byPlace && orderPolicy is null ? Access.Order : Access.Read;
    }

    /// <summary>ASP.NET Core refuses to run an endpoint with such metadata unless its authorization has been there before.</summary>
    private static bool HasPassedPolicy(HttpContext context) =>
        context.GetEndpoint()?.Metadata is { } metadata && metadata.GetMetadata<IAuthorizeData>() is not null && metadata.GetMetadata<IAllowAnonymous>() is null;

    private async ValueTask<bool> MayOrderAsync(HttpContext context) =>
        orderPolicy is not null
        && context.RequestServices.GetService<IAuthorizationService>() is { } authorization
        && (await authorization.AuthorizeAsync(context.User, context, orderPolicy).ConfigureAwait(false)).Succeeded;
}
