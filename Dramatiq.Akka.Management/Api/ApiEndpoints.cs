using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Commands;
using Dramatiq.Akka.Management.Hosting;
using Dramatiq.Akka.Management.Security;
using Microsoft.AspNetCore.Http;

namespace Dramatiq.Akka.Management.Api;

/// <summary>The JSON API: each command at its own address, and the list of them.</summary>
internal static class ApiEndpoints
{
    public static void Map(GuardedRoutes routes)
    {
        foreach (var command in BuiltInCommands.All)
            routes.MapApi(command.Description.Method, command.Description.Path, command.Description.IsOrder ? Access.Order : Access.Read, (context, site) => AskAsync(context, site, command));

        routes.MapApi("GET", "api/commands", Access.Read, static (context, site) => Answers.WriteAsync(context, site.CommandList));
        routes.MapApi("POST", "api/commands/{name}", Access.Read, RunAsync);
        routes.MapApi("GET", "api/{**rest}", Access.Read, static (context, _) => NotFoundAsync(context, "There is nothing at this address. GET api/commands tells what there is."));
    }

    private static async Task AskAsync(HttpContext context, ManagementSite site, BuiltInCommand command)
    {
        var arguments = await ArgumentReader.ReadAsync(context, command.Description).ConfigureAwait(false);
        var answer = await command.AskAsync(arguments, site.Inspection, context.RequestAborted).ConfigureAwait(false);
        if (answer is null)
            await NotFoundAsync(context, "Nothing is known by that name: it may be done, in the hands of another process, or further back than was looked.").ConfigureAwait(false);
        else
            await Answers.WriteAsync(context, answer).ConfigureAwait(false);
    }

    private static async Task RunAsync(HttpContext context, ManagementSite site)
    {
        var name = (string?)context.Request.RouteValues["name"];
        if (site.AddedCommands.FirstOrDefault(command => command.Description.Name == name) is not { } command)
        {
            await NotFoundAsync(context, "No command of that name was added here. GET api/commands tells what there is.").ConfigureAwait(false);
            return;
        }

        if (command.Description.IsOrder && site.AccessOf(context) is not Access.Order)
        {
            await Refusals.OrderAsync(context, site).ConfigureAwait(false);
            return;
        }

        context.Request.RouteValues.Remove("name");
        var arguments = await ArgumentReader.ReadAsync(context, command.Description).ConfigureAwait(false);
        var (call, scope) = site.Call();
        await using (scope.ConfigureAwait(false))
            await Answers.WriteAsync(context, await command.RunAsync(arguments, call, context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static Task NotFoundAsync(HttpContext context, string text) => Problems.WriteAsync(context, StatusCodes.Status404NotFound, "notFound", text);
}
