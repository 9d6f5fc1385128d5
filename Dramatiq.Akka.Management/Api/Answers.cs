using Dramatiq.Akka.Inspection;
using Microsoft.AspNetCore.Http;

namespace Dramatiq.Akka.Management.Api;

/// <summary>Writes what was answered.</summary>
internal static class Answers
{
    public static Task WriteAsync(HttpContext context, object answer) =>
        context.Response.WriteAsJsonAsync(answer, answer.GetType(), InspectionJson.Options, "application/json; charset=utf-8", context.RequestAborted);
}
