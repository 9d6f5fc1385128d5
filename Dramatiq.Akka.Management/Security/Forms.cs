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

    public Forms(IServiceProvider application)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddAntiforgery(static forms =>
        {
            forms.Cookie.Name = "dramatiq-forms";
            forms.Cookie.SameSite = SameSiteMode.Strict;
            forms.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            forms.FormFieldName = "form-token";
            forms.SuppressXFrameOptionsHeader = true;
        });
        services.AddSingleton(application.GetService<IDataProtectionProvider>() ?? new EphemeralDataProtectionProvider());
        _antiforgery = services.BuildServiceProvider().GetRequiredService<IAntiforgery>();
    }

    /// <summary>The hidden field that a form needs.</summary>
    public Markup Field(HttpContext context)
    {
        var token = _antiforgery.GetAndStoreTokens(context).RequestToken;
        return Markup.Of(html => html.Add($"<input type=\"hidden\" name=\"form-token\" value=\"{token}\">"));
    }

    public Task<bool> IsOwnAsync(HttpContext context) => _antiforgery.IsRequestValidAsync(context);
}
