namespace Dramatiq.Akka.Stages;

/// <summary>
/// The way of a message through a worker: the slots of the stages that have something to do for it, in order, then the
/// handler. Computed once for each declared actor and set of options, and shared by all workers.
/// </summary>
internal sealed class RoutingSlip
{
    /// <summary>The slot of the worker itself, where every way starts and ends.</summary>
    public const int Worker = -1;

    private readonly int[] _next;
    private readonly int[] _previous;

    /// <param name="slots">A bit for each stage that is on the slip.</param>
    /// <param name="handler">The slot of the handler: one past the last stage's.</param>
    /// <param name="readers">How many stages read the result as JSON.</param>
    public RoutingSlip(ulong slots, int handler, int readers)
    {
        Slots = slots;
        Handler = handler;
        NeedsResult = readers > 0;
        ReadsResultTwice = readers > 1;
        _next = new int[handler + 1];
        _previous = new int[handler + 1];
        var last = Worker;
        for (var slot = 0; slot <= handler; slot++)
        {
            if (slot < handler && (slots & (1UL << slot)) == 0)
                continue;

            _next[last + 1] = slot;
            _previous[slot] = last;
            last = slot;
        }
    }

    public ulong Slots { get; }

    public int Handler { get; }

    /// <summary>Whether a stage reads the result as JSON.</summary>
    public bool NeedsResult { get; }

    /// <summary>Whether more than one does: beside the one that stores it, one that does something with it that others may see.</summary>
    public bool ReadsResultTwice { get; }

    public int After(int slot) => _next[slot + 1];

    public int Before(int slot) => _previous[slot];
}
