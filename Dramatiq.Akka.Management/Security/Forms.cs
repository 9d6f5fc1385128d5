using Dramatiq.Akka.Management.Dashboard;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka.Management.Security;

/// <summary>
/// The anti-forgery tokens of the dashboard's forms: ASP.NET Core's own, apart from the application's. Where the application protects data by shared keys they hold in each of its
/// processes; else they end with this one.
/// </summary>
internal sealed class Forms
{
    private readonly IAntiforgery _antiforgery;
    private readonly RequestCookie _cookie = new() { SameSite = SameSiteMode.Strict, SecurePolicy = CookieSecurePolicy.SameAsRequest, HttpOnly = true, IsEssential = true };

    public Forms(IServiceProvider application)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddAntiforgery(forms =>
        {
            forms.Cookie = _cookie;
            forms.FormFieldName = "form-token";
            forms.SuppressXFrameOptionsHeader = true;
        });
        services.AddSingleton(application.GetService<IDataProtectionProvider>() ?? new EphemeralDataProtectionProvider());
        _antiforgery = services.BuildServiceProvider().GetRequiredService<IAntiforgery>();
    }

    /// <summary>The hidden field that a form needs.</summary>
    public Markup Field(HttpContext context)
    {
        _cookie.Of(context.Request);
        var token = _antiforgery.GetAndStoreTokens(context).RequestToken;
        return Markup.Of(html => html.Add($"<input type=\"hidden\" name=\"form-token\" value=\"{token}\">"));
    }

    public Task<bool> IsOwnAsync(HttpContext context)
    {
        _cookie.Of(context.Request);
        return _antiforgery.IsRequestValidAsync(context);
    }

    /// <summary>ASP.NET Core wants one name for all requests, and which port the browser sees is known with each request alone.</summary>
    private sealed class RequestCookie : CookieBuilder
    {
        private const string Bare = "dramatiq-forms";

        private readonly AsyncLocal<string?> _name = new();

        public override string? Name => _name.Value ?? Bare;

        public void Of(HttpRequest request) => _name.Value = SiteCookies.Name(Bare, request);
    }
}
