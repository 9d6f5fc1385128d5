using System.Collections.Concurrent;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Tests.Management;

/// <summary>Answers what the test says, and remembers what it was asked.</summary>
internal sealed class ScriptedInspection : IInspection
{
    private readonly ConcurrentDictionary<Type, Func<IQuestion, object>> _answers = new();
    private readonly ConcurrentQueue<IQuestion> _asked = new();

    /// <summary>What every question fails with as long as it is set.</summary>
    public InspectionException? Failure { get; set; }

    public ScriptedInspection On<TQuestion>(Func<TQuestion, object> answer) where TQuestion : IQuestion
    {
        _answers[typeof(TQuestion)] = question => answer((TQuestion)question);
        return this;
    }

    public IReadOnlyList<TQuestion> Asked<TQuestion>() => [.. _asked.OfType<TQuestion>()];

    public async Task<TAnswer> AskAsync<TAnswer>(IQuestion<TAnswer> question, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        _asked.Enqueue(question);
        if (Failure is { } failure)
            throw failure;
        return _answers.TryGetValue(question.GetType(), out var answer)
            ? (TAnswer)answer(question)
            : throw new InspectionException(InspectionFailure.NotSupported, $"{question.GetType().Name} is not in the script.");
    }
}
