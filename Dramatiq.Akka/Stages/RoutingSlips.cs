using System.Collections.Concurrent;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>
/// The slips of one declared actor. A stage is on the slip when the actor's own options call for it, or when the message
/// brings an option that does; so an actor without a max age pays nothing for AgeLimit, and a message with one still meets it.
/// </summary>
internal sealed class RoutingSlips
{
    private readonly MiddlewarePipeline _pipeline;
    private readonly ulong _slots;
    private readonly RoutingSlip _own;
    private readonly ConcurrentDictionary<ulong, RoutingSlip> _others = new();

    public RoutingSlips(MiddlewarePipeline pipeline, ulong slots)
    {
        _pipeline = pipeline;
        _slots = slots;
        _own = pipeline.CreateSlip(slots);
    }

    public IReadOnlyList<string> Names => _pipeline.NamesOf(_own.Slots);

    public RoutingSlip For(MessageOptions options)
    {
        var slots = _slots;
        for (var i = 0; i < options.Count; i++)
            slots |= _pipeline.SlotsCalledForBy(options.NameAt(i));

        return slots == _slots ? _own : Of(slots);
    }

    /// <summary>A way to one stage and back: for an outcome that has passed the stage already and needs it once more.</summary>
    public RoutingSlip Only(int slot) => Of(1UL << slot);

    private RoutingSlip Of(ulong slots) => _others.TryGetValue(slots, out var slip) ? slip : _others.GetOrAdd(slots, _pipeline.CreateSlip(slots));
}
