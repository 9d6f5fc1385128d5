namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

/// <summary>Messages that were published together, and what RabbitMQ said of each.</summary>
internal sealed class ConfirmedBatch(int count)
{
    private readonly TaskCompletionSource<Exception?[]?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _count = count;
    private Exception?[]? _failures;
    private int _settled;

    /// <summary>Null when all are confirmed; else as long as the batch, with null where a message is confirmed.</summary>
    public Task<Exception?[]?> Completion => _done.Task;

    /// <summary>Called under the publisher's lock.</summary>
    public void Settle(int index, Exception? failure)
    {
        if (failure is not null)
            (_failures ??= new Exception?[_count])[index] = failure;
        if (++_settled == _count)
            _done.TrySetResult(_failures);
    }
}
