using System.Diagnostics;

namespace Dramatiq.Akka.Examples.Limits;

/// <summary>Writes what happens, with the time since the start, and completes a task when so many lines are there.</summary>
internal sealed class Log(TextWriter writer)
{
    private readonly Lock _gate = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _lines;
    private int _awaited = int.MaxValue;

    public void Add(string text)
    {
        lock (_gate)
        {
            writer.WriteLine($"{_clock.ElapsedMilliseconds,6} {text}");
            if (++_lines >= _awaited)
                _done.TrySetResult();
        }
    }

    public Task LinesAsync(int count)
    {
        lock (_gate)
        {
            _awaited = count;
            if (_lines >= count)
                _done.TrySetResult();
        }

        return _done.Task;
    }
}
