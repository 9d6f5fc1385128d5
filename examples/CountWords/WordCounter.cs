using Akka.Hosting;
using Dramatiq.Akka;

namespace CountWords;

/// <summary>The task: count the words of one file. No retries, since a file that is missing now is missing; what fails is told to <c>not_counted</c>.</summary>
[Task(Queue = "words", MaxRetries = 0, NotifyShutdown = true, OnFailure = "not_counted")]
internal sealed record CountWords(string Path);

/// <summary>Runs <see cref="CountWords"/>: reads the file in pieces, and tells the tally how far it is.</summary>
internal sealed class WordCounter : TaskActor
{
    private const int BufferSize = 256 * 1024;
    private const int ReportEvery = 8 * 1024 * 1024;
    private readonly IActorRef _tally;
    private readonly byte[] _buffer = new byte[BufferSize];

    public WordCounter(IRequiredActor<Tally> tally)
    {
        _tally = tally.ActorRef;
        ReceiveAsync<CountWords, long>(CountAsync);
    }

    private async Task<long> CountAsync(CountWords task)
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

            _tally.Tell(new Tally.Read(unreported));
            unreported = 0;
        }

        _tally.Tell(new Tally.Read(unreported));
        _tally.Tell(new Tally.Counted(CurrentMessage.MessageId, scanner.Words, scanner.EncodingErrors, scanner.FirstErrorAt));
        return scanner.Words;
    }
}

/// <summary>The failed message, as far as <c>not_counted</c> asks for it.</summary>
internal sealed record FailedMessage(string MessageId);

/// <summary>What it failed with.</summary>
internal sealed record FailedWith(string Type, string Message);
