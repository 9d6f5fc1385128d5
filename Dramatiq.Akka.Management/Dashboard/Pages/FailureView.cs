using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Api;
using Microsoft.AspNetCore.Http;

namespace Dramatiq.Akka.Management.Dashboard.Pages;

/// <summary>What is shown in place of a page that cannot be had.</summary>
internal static class FailureView
{
    public static Page Of(PageRequest request, InspectionException refused) =>
        Of(request, Problems.StatusOf(refused.Failure), TitleOf(refused.Failure), refused.Message, refused.Failure is InspectionFailure.BrokerAway or InspectionFailure.NotRunning && HttpMethods.IsGet(request.Context.Request.Method));

    public static Page Of(PageRequest request, int status, string title, string text, bool triesAgain = false) => new(title, "", Markup.Of(html =>
    {
        html.Add($"<section class=\"failure\" role=\"alert\"><p class=\"code\">{status}</p><h1>{title}</h1><p class=\"lead\">{text}</p>");
        if (triesAgain)
            html.Add($"<p class=\"muted\">This page tries again by itself.</p>");
        html.Add($"<p><a class=\"button\" href=\"{request.Link("")}\">Overview</a></p></section>");
    }), status) { TriesAgain = triesAgain };

    private static string TitleOf(InspectionFailure failure) => failure switch
    {
        InspectionFailure.Invalid => "That cannot be asked",
        InspectionFailure.UnknownQueue => "No such queue",
        InspectionFailure.NotConsumedHere => "Not consumed here",
        InspectionFailure.NotSupported => "This broker cannot do that",
        InspectionFailure.NotConfigured => "That is not switched on",
        InspectionFailure.BrokerAway => "The broker is away",
        InspectionFailure.Refused => "Refused",
        InspectionFailure.NotRunning => "This process is not running tasks",
        InspectionFailure.TimedOut => "No answer in time",
        _ => "Something went wrong here",
    };
}
