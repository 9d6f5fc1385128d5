using Microsoft.AspNetCore.Http;

namespace Dramatiq.Akka.Management.Dashboard.Pages;

/// <summary>Where a token is shown by somebody who has no header to put it in.</summary>
internal static class SignInView
{
    public static Page Ask(PageRequest request, bool wasWrong) => new("Sign in", "", Markup.Of(html =>
    {
        html.Add($"<section class=\"confirm signin\"><h1>Sign in</h1>");
        if (wasWrong)
            html.Add($"<p class=\"notice bad\" role=\"alert\">That is not a token of this management.</p>");
        html.Add($"<form method=\"post\" action=\"{request.Link("sign-in")}\">{request.Site.Forms.Field(request.Context)}<label>Token<input type=\"password\" name=\"token\" required autofocus autocomplete=\"current-password\"></label><button class=\"primary\">Sign in</button></form><p class=\"muted\">The token is what dramatiq.management.token or order-token is set to.</p></section>");
    }), StatusCodes.Status401Unauthorized);
}
