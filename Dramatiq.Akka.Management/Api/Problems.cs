using System.Text.Json;
using Dramatiq.Akka.Inspection;
using Microsoft.AspNetCore.Http;

namespace Dramatiq.Akka.Management.Api;

/// <summary>Errors as RFC 9457 has them.</summary>
internal static class Problems
{
    public static int StatusOf(InspectionFailure failure) => failure switch
    {
        InspectionFailure.Invalid => StatusCodes.Status400BadRequest,
        InspectionFailure.UnknownQueue => StatusCodes.Status404NotFound,
        InspectionFailure.NotConsumedHere => StatusCodes.Status409Conflict,
        InspectionFailure.Refused => StatusCodes.Status422UnprocessableEntity,
        InspectionFailure.NotSupported or InspectionFailure.NotConfigured => StatusCodes.Status501NotImplemented,
        InspectionFailure.BrokerAway or InspectionFailure.NotRunning => StatusCodes.Status503ServiceUnavailable,
        InspectionFailure.TimedOut => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status500InternalServerError,
    };

    public static string TitleOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "The request is wrong",
        StatusCodes.Status401Unauthorized => "A token is needed",
        StatusCodes.Status403Forbidden => "Not allowed",
        StatusCodes.Status404NotFound => "Not found",
        StatusCodes.Status409Conflict => "Not here",
        StatusCodes.Status413PayloadTooLarge => "Too large",
        StatusCodes.Status415UnsupportedMediaType => "JSON is needed",
        StatusCodes.Status422UnprocessableEntity => "Refused",
        StatusCodes.Status501NotImplemented => "Not supported here",
        StatusCodes.Status503ServiceUnavailable => "Not available now",
        StatusCodes.Status504GatewayTimeout => "No answer in time",
        _ => "An error of the management",
    };

    public static Task WriteAsync(HttpContext context, InspectionException refused) => WriteAsync(context, StatusOf(refused.Failure), NameOf(refused.Failure), refused.Message);

    /// <param name="context">The request.</param>
    /// <param name="status">The status code.</param>
    /// <param name="failure">One word for programs: the name of an <see cref="InspectionFailure"/>, or of what else went wrong.</param>
    /// <param name="detail">What, and what to do.</param>
    public static Task WriteAsync(HttpContext context, int status, string failure, string detail)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(
            new Problem("about:blank", TitleOf(status), status, detail, failure, context.TraceIdentifier), InspectionJson.Options, "application/problem+json", context.RequestAborted);
    }

    public static string NameOf(InspectionFailure failure) => JsonNamingPolicy.CamelCase.ConvertName(failure.ToString());

    private sealed record Problem(string Type, string Title, int Status, string Detail, string Failure, string TraceId);
}
