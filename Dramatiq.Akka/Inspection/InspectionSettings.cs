namespace Dramatiq.Akka.Inspection;

/// <summary>What is under <c>dramatiq.inspection</c>.</summary>
/// <param name="Timeout">How long whoever asks waits for an answer.</param>
internal sealed record InspectionSettings(TimeSpan Timeout);
