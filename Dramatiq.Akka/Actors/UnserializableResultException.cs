namespace Dramatiq.Akka;

/// <summary>A handler's result is needed (by a pipeline or a callback) and cannot be written as JSON. The message is dead-lettered without a retry: the work was done.</summary>
public sealed class UnserializableResultException(string actor, Type type, Exception cause) : DramatiqException(
    $"The result of '{actor}' ({type.Name}) cannot be written as JSON: {cause.Message}", cause)
{
    /// <inheritdoc />
    public override bool IsPermanent => true;
}
