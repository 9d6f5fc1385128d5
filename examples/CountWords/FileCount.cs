using Dramatiq.Akka;

namespace CountWords;

/// <summary>A line of the table.</summary>
/// <param name="Path">As it was given or found.</param>
/// <param name="Words">Null where the task failed.</param>
/// <param name="Note">What is odd about the file, if anything.</param>
/// <param name="Failure">Why the task failed, if it did.</param>
internal sealed record FileCount(string Path, long? Words, string? Note, string? Failure)
{
    public static FileCount Of(string path, MemberResult<WordCount> result) => result switch
    {
        { Failure: { } failure } => new FileCount(path, null, null, Notes.OfFailure(failure.ErrorType, failure.ErrorMessage)),
        { Value: var count } => new FileCount(path, count!.Words, Notes.OfEncoding(count.EncodingErrors, count.FirstErrorAt), null),
    };
}
