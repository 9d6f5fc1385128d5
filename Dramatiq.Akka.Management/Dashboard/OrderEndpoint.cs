using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Dashboard.Pages;
using Microsoft.AspNetCore.Http;

namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>Carries out what a form orders, after the question that it may need, and leads back.</summary>
internal static class OrderEndpoint
{
    /// <returns>A page to show; null when the answer leads elsewhere.</returns>
    public static async Task<Page?> PostAsync(PageRequest request)
    {
        var order = PostedOrder.Read(await request.Context.Request.ReadFormAsync(request.Context.RequestAborted).ConfigureAwait(false), request.Root);
        if (order.NeedsConfirmation)
            return await ConfirmAsync(request, order).ConfigureAwait(false);

        var (count, isComplete) = await ObeyAsync(request, order).ConfigureAwait(false);
        request.Context.Response.StatusCode = StatusCodes.Status303SeeOther;
        request.Context.Response.Headers.Location = Addresses.Saying(order.Back, order.Name, count, isComplete);
        return null;
    }

    private static async Task<Page> ConfirmAsync(PageRequest request, PostedOrder order)
    {
        if (order.Name is not "purge" && !order.IsForAll)
            return ConfirmView.Ask(request, order, order.Ids.Count, null);

        var counted = await request.AskAsync(new CountMessages(order.Queue, order.Place, order.Filter)).ConfigureAwait(false);
        return ConfirmView.Ask(request, order, counted.Count, counted);
    }

    private static async Task<(long Count, bool IsComplete)> ObeyAsync(PageRequest request, PostedOrder order)
    {
        switch (order.Name)
        {
            case "pause":
                await request.AskAsync(new PauseQueue(order.Queue, order.Everywhere)).ConfigureAwait(false);
                return (0, true);
            case "resume":
                await request.AskAsync(new ResumeQueue(order.Queue, order.Everywhere)).ConfigureAwait(false);
                return (0, true);
            case "scale":
                return ((await request.AskAsync(new ScaleWorkers(order.Queue, order.Workers)).ConfigureAwait(false)).Workers, true);
            case "requeue":
                return Of(await request.AskAsync(new RequeueDead(order.Queue) { Ids = order.IdsOrNull, Filter = order.FilterOrNull }).ConfigureAwait(false));
            case "delete":
                return Of(await request.AskAsync(new DeleteMessages(order.Queue, order.Place) { Ids = order.IdsOrNull, Filter = order.FilterOrNull }).ConfigureAwait(false));
            case "run-now":
                return Of(await request.AskAsync(new RunNow(order.Queue) { Ids = order.IdsOrNull, Filter = order.FilterOrNull }).ConfigureAwait(false));
            case "purge":
                return Of(await request.AskAsync(new PurgeQueue(order.Queue, order.Place)).ConfigureAwait(false));
            default:
                throw new InspectionException(InspectionFailure.Invalid, "There is no such order.");
        }
    }

    private static (long, bool) Of(MessagesAnswer answer) => (answer.Count, answer.IsComplete);
}
