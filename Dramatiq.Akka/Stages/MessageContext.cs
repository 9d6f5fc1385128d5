using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>placeholder; the real one is being written</summary>
public sealed class MessageContext
{
    /// <summary>The message in hand.</summary>
    public Message Message { get; internal set; } = null!;

    /// <summary>Fires when the handler should stop.</summary>
    public CancellationToken Cancellation { get; internal set; }

    /// <summary>The DI scope of this message.</summary>
    public IServiceProvider Services { get; internal set; } = null!;
}
