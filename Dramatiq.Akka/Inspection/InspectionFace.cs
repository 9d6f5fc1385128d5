namespace Dramatiq.Akka.Inspection;

/// <summary>Asks the inspection actor, and makes its refusals exceptions.</summary>
/// <param name="actor">The actor; null as long as the system has not started.</param>
/// <param name="timeout">How long to wait for an answer.</param>
internal sealed class InspectionFace(Func<IActorRef?> actor, TimeSpan timeout) : IInspection
{
    public async Task<TAnswer> AskAsync<TAnswer>(IQuestion<TAnswer> question, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        if (actor() is not { } asked)
            throw new InspectionException(InspectionFailure.NotRunning, "The task system has not started yet. Start the host before asking.");

        try
        {
            return await asked.Ask<TAnswer>(question, timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (AskTimeoutException late)
        {
            throw new InspectionException(
                InspectionFailure.TimedOut, $"{question.GetType().Name} was not answered within {timeout.TotalSeconds:0.#} s (dramatiq.inspection.timeout); an order may have been carried out.", late);
        }
    }
}
