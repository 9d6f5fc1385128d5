using Dramatiq.Akka.Results;

namespace Dramatiq.Akka.Composition;

/// <summary>Where the results of something composed are, in the form in which they are one value: a group's is a list, a pipeline's that of its last step.</summary>
internal abstract record ResultShape
{
    private ResultShape()
    {
    }

    /// <summary>The part whose value is the value of the whole.</summary>
    public ResultShape Valued => this is Chain { Steps: var steps } ? steps[^1].Valued : this;

    public sealed record One(ResultKey Key) : ResultShape;

    public sealed record Many(IReadOnlyList<ResultShape> Members) : ResultShape;

    public sealed record Chain(IReadOnlyList<ResultShape> Steps) : ResultShape;
}
