namespace Dramatiq.Akka.Inspection;

/// <summary>What is under <c>dramatiq.inspection</c>.</summary>
/// <param name="Timeout">How long whoever asks waits for an answer.</param>
/// <param name="TrafficInterval">How far apart the points of the traffic's history are.</param>
/// <param name="LifeStore">Where the lives of messages are kept.</param>
/// <param name="LifeTtl">How long, after their last step.</param>
internal sealed record InspectionSettings(TimeSpan Timeout, TimeSpan TrafficInterval, LifeStoreKind LifeStore, TimeSpan LifeTtl);

