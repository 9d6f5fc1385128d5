namespace CountWords;

/// <summary>
/// Gathers what comes of the tasks, by message id: a task may run twice, since delivery is at least once, and counts once all the same. Tells the display how far the work is,
/// and completes <see cref="Done"/> with everything.
/// </summary>
internal sealed class Tally : ReceiveActor
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource<IReadOnlyList<FileCount>> _done;
    private readonly Progress _progress;
    private Expect? _expected;

    public Tally(Progress progress, TaskCompletionSource<IReadOnlyList<FileCount>> done)
    {
        _progress = progress;
        _done = done;
        Receive<Expect>(OnExpect);
        Receive<Read>(read => _progress.AddBytes(read.Bytes));
        Receive<Counted>(counted => Keep(counted.MessageId, new Entry(counted.Words, Notes.OfEncoding(counted.EncodingErrors, counted.FirstErrorAt), null)));
        Receive<NotCounted>(failed => Keep(failed.MessageId, new Entry(null, null, failed.Reason)));
    }

    private void OnExpect(Expect expect)
    {
        _expected = expect;
        CompleteIfAllAreThere();
    }

    private void Keep(string messageId, Entry entry)
    {
        if (!_entries.TryAdd(messageId, entry))
            return;

        _progress.AddFile();
        CompleteIfAllAreThere();
    }

    private void CompleteIfAllAreThere()
    {
        if (_expected is { } expected && _entries.Count == expected.Files.Count)
            _done.TrySetResult([.. expected.Files.Select(file => _entries[file.MessageId].Of(file.Path))]);
    }

    /// <summary>All files, in the order of the table.</summary>
    public sealed record Expect(IReadOnlyList<(string MessageId, string Path)> Files);

    /// <summary>So many more bytes were read.</summary>
    public sealed record Read(long Bytes);

    /// <summary>A file was counted.</summary>
    public sealed record Counted(string MessageId, long Words, long EncodingErrors, long? FirstErrorAt);

    /// <summary>A file's task failed.</summary>
    public sealed record NotCounted(string MessageId, string Reason);

    private sealed record Entry(long? Words, string? Note, string? Failure)
    {
        public FileCount Of(string path) => new(path, Words, Note, Failure);
    }
}

/// <summary>A line of the table.</summary>
/// <param name="Path">As it was given or found.</param>
/// <param name="Words">Null where the task failed.</param>
/// <param name="Note">What is odd about the file, if anything.</param>
/// <param name="Failure">Why the task failed, if it did.</param>
internal sealed record FileCount(string Path, long? Words, string? Note, string? Failure);
