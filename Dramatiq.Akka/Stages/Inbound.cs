using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Stages;

/// <summary>A message on its way through the stages to its handler.</summary>
internal sealed record Inbound(MessageContext Context) : INoSerializationVerificationNeeded;

/// <summary>A message on its way back from its handler, with how the attempt ended.</summary>
internal sealed record Outbound(MessageContext Context, Outcome Outcome) : INoSerializationVerificationNeeded;
