namespace CountWords;

/// <summary>How far the work is: written by the workers and by whoever gathers the counts, read by the display. A file counts as its bytes and one more, so that empty files move the bar too.</summary>
internal sealed class Progress(int files, long bytes)
{
    private long _bytesDone;
    private int _filesDone;

    public int Files => files;

    public int FilesDone => Volatile.Read(ref _filesDone);

    /// <summary>From 0 to 1.</summary>
    public double Share => files == 0 ? 1 : Math.Min(1, FilesDone == files ? 1 : (Math.Min(Volatile.Read(ref _bytesDone), bytes) + FilesDone) / (double)(bytes + files));

    public void AddBytes(long count) => Interlocked.Add(ref _bytesDone, count);

    public void AddFile() => Interlocked.Increment(ref _filesDone);
}
