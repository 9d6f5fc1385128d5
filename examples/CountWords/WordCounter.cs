using Dramatiq.Akka;

namespace CountWords;

/// <summary>The task: count the words of one file. No retries, since a file that is missing now is missing.</summary>
[Task(Queue = "words", MaxRetries = 0, NotifyShutdown = true)]
internal sealed record CountWords(string Path);

/// <summary>What it returns.</summary>
internal sealed record WordCount(long Words, long EncodingErrors, long? FirstErrorAt);

/// <summary>Runs <see cref="CountWords"/>: reads the file in pieces, and tells the display how far it is.</summary>
internal sealed class WordCounter : TaskActor
{
    private const int BufferSize = 256 * 1024;
    private const int ReportEvery = 8 * 1024 * 1024;
    private readonly Progress _progress;
    private readonly byte[] _buffer = new byte[BufferSize];

    public WordCounter(Progress progress)
    {
        _progress = progress;
        ReceiveAsync<CountWords, WordCount>(CountAsync);
    }

    private async Task<WordCount> CountAsync(CountWords task)
    {
        await using var file = new FileStream(task.Path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        var scanner = new WordScanner();
        int kept = 0, unreported = 0;
        while (true)
        {
            var read = await file.ReadAsync(_buffer.AsMemory(kept), Cancellation);
            var filled = kept + read;
            var consumed = scanner.Scan(_buffer.AsSpan(0, filled), isLast: read == 0);
            if (read == 0)
                break;

            kept = filled - consumed;
            _buffer.AsSpan(consumed, kept).CopyTo(_buffer);
            unreported += read;
            if (unreported < ReportEvery)
                continue;

            _progress.AddBytes(unreported);
            unreported = 0;
        }

        _progress.AddBytes(unreported);
        return new WordCount(scanner.Words, scanner.EncodingErrors, scanner.FirstErrorAt);
    }
}
