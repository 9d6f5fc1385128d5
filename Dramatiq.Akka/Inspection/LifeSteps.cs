namespace Dramatiq.Akka.Inspection;

/// <summary>The steps of one message, sorted: a requeueing begins anew, and what is written after it comes after it. The last ones are kept.</summary>
internal sealed class LifeSteps
{
    private const int Most = 64;
    private readonly List<(int Generation, LifeStep Step)> _steps = [];
    private int _generation;

    public void Add(LifeStep step)
    {
        if (step.State is LifeState.Requeued)
            _generation++;

        var place = _steps.Count;
        while (place > 0 && (_steps[place - 1].Generation, _steps[place - 1].Step.Order).CompareTo((_generation, step.Order)) > 0)
            place--;
        if (place > 0 && _steps[place - 1] == (_generation, step))
            return;

        _steps.Insert(place, (_generation, step));
        if (_steps.Count > Most)
            _steps.RemoveAt(0);
    }

    public MessageLife? ToLife(string messageId) => _steps is [.., (_, var last)]
        ? new MessageLife(messageId, last.Queue, last.ActorName, last.State, [.. _steps.Select(static one => one.Step)])
        : null;
}
