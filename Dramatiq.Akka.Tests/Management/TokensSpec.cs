using Akka.Configuration;
using Dramatiq.Akka.Management.Dashboard;
using Dramatiq.Akka.Management.Hosting;
using Dramatiq.Akka.Management.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Management;

public sealed class TokensSpec
{
    private const string Look = "look-look-look-look";
    private const string Order = "order-order-order-order";

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_session_must_be_what_its_token_was_until_it_ends()
    {
        var tokens = Tokens(Look, Order);
        var (look, order) = (tokens.Session(Access.Read).Value, tokens.Session(Access.Order).Value);

        Assert.Equal((Access.Read, Access.Order), (tokens.AccessOf(Asking(look)), tokens.AccessOf(Asking(order))));
        Assert.DoesNotContain(Look, look, StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromHours(12));
        Assert.Equal((Access.None, Access.None), (tokens.AccessOf(Asking(look)), tokens.AccessOf(Asking(order))));
    }

    [Fact]
    public void A_session_must_end_with_its_token_and_hold_in_every_process_that_has_it()
    {
        var session = Tokens(Look, Order).Session(Access.Order).Value;

        Assert.Equal(Access.Order, Tokens(Look, Order).AccessOf(Asking(session)));
        Assert.Equal(Access.None, Tokens(Look, "another-another-another").AccessOf(Asking(session)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("99999999999.")]
    [InlineData("99999999999.00")]
    [InlineData("-1.AA")]
    [InlineData("x.y")]
    public void A_session_that_was_made_up_must_be_nothing(string session) => Assert.Equal(Access.None, Tokens(Look, Order).AccessOf(Asking(session)));

    [Fact]
    public void A_longer_life_must_not_be_had_by_changing_the_cookie()
    {
        var tokens = Tokens(Look, Order);
        var session = tokens.Session(Access.Read).Value;

        Assert.Equal(Access.None, tokens.AccessOf(Asking("9" + session)));
    }

    [Theory]
    [InlineData("<b>&\"'", "&lt;b&gt;&amp;&quot;&#39;")]
    [InlineData("a\0b\u001b\u007f\u009b", "a\\u0000b\\u001b\\u007f\\u009b")]
    [InlineData("\u202eevil\u2066\ufeff", "\\u202eevil\\u2066\\ufeff")]
    [InlineData("Grüße 北京 🎉\n\t", "Grüße 北京 🎉\n\t")]
    [InlineData(null, "")]
    public void What_is_put_into_a_template_must_be_text(string? given, string expected) => Assert.Equal($"<p title=\"{expected}\">{expected}</p>", new Html().Add($"<p title=\"{given}\">{given}</p>").ToString());

    private Tokens Tokens(string look, string order) => new(
        new ManagementSettings(ConfigurationFactory.ParseString($"dramatiq.management {{ token = {look}, order-token = {order} }}").WithFallback(ManagementSettings.Reference)), _clock);

    private static HttpRequest Asking(string session)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Cookie = $"dramatiq-session={session}";
        return context.Request;
    }
}
