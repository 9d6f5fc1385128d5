namespace Dramatiq.Akka.Inspection;

/// <summary>
/// Sees and steers what runs in this process, and what waits at its broker: the face of the inspection actor for code outside of actors. From <c>TaskSystem.Get(system).Inspection</c>,
/// or as a service after <see cref="InspectionServiceExtensions.AddInspection"/>.
/// </summary>
/// <remarks>
/// Questions and answers are immutable records that System.Text.Json reads and writes with <see cref="InspectionJson.Options"/>, so a front end carries them as they are. Asking
/// costs the broker what the answer shows, and never holds up messages.
/// </remarks>
public interface IInspection
{
    /// <summary>Asks, or orders when the question is an <see cref="IOrder{TAnswer}"/>.</summary>
    /// <param name="question">The question.</param>
    /// <param name="cancellationToken">Ends the wait; an order may be carried out all the same.</param>
    /// <exception cref="InspectionException">There is no answer; <see cref="InspectionException.Failure"/> says of which kind the reason is, the text what to do.</exception>
    Task<TAnswer> AskAsync<TAnswer>(IQuestion<TAnswer> question, CancellationToken cancellationToken = default);
}

/// <summary>A question to the inspection actor, answered with <typeparamref name="TAnswer"/> or Akka's <c>Status.Failure</c> that holds an <see cref="InspectionException"/>.</summary>
/// <typeparam name="TAnswer">The answer.</typeparam>
public interface IQuestion<TAnswer> : IQuestion;

/// <summary>A question of any kind.</summary>
public interface IQuestion : INoSerializationVerificationNeeded;

/// <summary>A question that changes something: a front end asks for another permission.</summary>
/// <typeparam name="TAnswer">The answer.</typeparam>
public interface IOrder<TAnswer> : IQuestion<TAnswer>, IOrder;

/// <summary>An order of any kind.</summary>
public interface IOrder : IQuestion
{
    /// <summary>Whether it takes away what cannot be had back, so that a front end asks before.</summary>
    bool Destroys => false;
}
