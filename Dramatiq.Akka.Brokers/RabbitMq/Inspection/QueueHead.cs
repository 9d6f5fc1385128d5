using System.Runtime.ExceptionServices;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Dramatiq.Akka.Brokers.RabbitMq.Inspection;

/// <summary>
/// The messages at the head of one queue, held on a channel of their own and put back at their places. RabbitMQ puts them back by itself when the channel or the process goes.
/// A consumer that is cancelled at once takes a whole round of them in three round trips, where <c>basic.get</c> needs one for each; what that leaves over is got one by one.
/// </summary>
internal sealed class QueueHead : IAsyncBasicConsumer, IAsyncDisposable
{
    /// <summary>Below the 200 messages that RabbitMQ sends to a channel before it waits for its socket.</summary>
    private const int Round = 128;

    /// <summary>A quorum queue knows no such wait, and keeps the order only of what one consumer gives back.</summary>
    private const int QuorumRound = 2_000;

    /// <summary>A quorum queue keeps the order of so many that come back with one frame.</summary>
    private const int QuorumRun = 32;

    /// <summary>How long a quorum queue may send nothing before the messages that it had are believed to be another's.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    private readonly IChannel _channel;
    private readonly string _queue;
    private readonly RabbitMqSettings _settings;
    private readonly LookNotes? _notes;
    private readonly List<UInt128> _fresh = [];
    private readonly SortedSet<ulong> _held = [];
    private Action<LookedAt> _visit = static _ => { };
    private Exception? _visitError;
    private TaskCompletionSource _roundOver = new();
    private TaskCompletionSource _allHere = new();
    private int _expected;
    private int _here;   // how many are held, for whoever waits for more

    private QueueHead(IChannel channel, string queue, RabbitMqSettings settings, LookNotes? notes)
    {
        _channel = channel;
        _queue = queue;
        _settings = settings;
        _notes = notes;
    }

    public IChannel Channel => _channel;

    /// <summary>How many it holds now.</summary>
    public int HeldCount => _held.Count;

    /// <param name="connection">Where. It stays the caller's.</param>
    /// <param name="queue">The queue as on the wire.</param>
    /// <param name="settings">What differs for quorum queues, and how long an answer may take.</param>
    /// <param name="notes">Where to tell consumers that what they get was only looked at; null for a queue whose deliveries nobody counts.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<QueueHead> OpenAsync(IConnection connection, string queue, RabbitMqSettings settings, LookNotes? notes, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(false, false, consumerDispatchConcurrency: 1), cancellationToken).ConfigureAwait(false);
        return new QueueHead(channel, queue, settings, notes);
    }

    /// <summary>Takes the next ones and shows each to the visitor, one at a time, in order.</summary>
    /// <param name="most">How many at the most.</param>
    /// <param name="visit">Sees each.</param>
    /// <param name="isEnough">Asked now and then; true ends it before.</param>
    /// <param name="cancellationToken">Ends it between two rounds.</param>
    /// <returns>Whether the end of the queue was reached, and how many were taken.</returns>
    public async Task<(bool IsEnd, long Taken)> TakeAsync(long most, Action<LookedAt> visit, Func<bool> isEnough, CancellationToken cancellationToken)
    {
        _visit = visit;
        for (var start = _held.Count; ;)
        {
            var left = most - (_held.Count - start);
            if (left <= 0 || isEnough())
                return (false, _held.Count - start);

            cancellationToken.ThrowIfCancellationRequested();
            var wanted = (int)Math.Min(left, _settings.IsQuorum ? QuorumRound : Round);
            var before = _held.Count;
            if (wanted > 1)
                await TakeRoundAsync((ushort)wanted).ConfigureAwait(false);
            if (_held.Count - before < wanted && !await TakeOneAsync().ConfigureAwait(false))
                return (true, _held.Count - start);
        }
    }

    /// <summary>Drops one that is held.</summary>
    public async Task AckAsync(ulong tag)
    {
        await _channel.BasicAckAsync(tag, multiple: false, CancellationToken.None).ConfigureAwait(false);
        _held.Remove(tag);
    }

    /// <summary>Puts back all that is held.</summary>
    public async Task PutBackAsync()
    {
        if (_held.Count == 0 || !_channel.IsOpen)
            return;

        if (_notes is { } notes && _fresh.Count > 0)
            await notes.TellAsync(_fresh).ConfigureAwait(false);
        foreach (var run in _settings.IsQuorum ? _held.Chunk(QuorumRun) : [[_held.Max]])
            await _channel.BasicNackAsync(run[^1], multiple: true, requeue: true, CancellationToken.None).ConfigureAwait(false);
        _held.Clear();
        _fresh.Clear();
    }

    /// <summary>Closes the channel, after which RabbitMQ has done what it was told.</summary>
    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    public Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
        IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        Hold(deliveryTag, redelivered, routingKey, properties, body);
        return Task.CompletedTask;
    }

    // RabbitMQ.Client tells this behind the deliveries that came before it.
    public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default) => OverAsync(error: null);

    public Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default) => OverAsync(new IOException("the queue was deleted while it was looked at"));

    public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason) => OverAsync(new IOException(reason.ReplyText));

    private async Task TakeRoundAsync(ushort most)
    {
        _roundOver = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _allHere = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _expected = int.MaxValue;
        if (_settings.IsQuorum)
            _expected = _held.Count + (int)Math.Min(most, await _channel.MessageCountAsync(_queue, CancellationToken.None).ConfigureAwait(false));
        if (_expected == _held.Count)
            return;

        await _channel.BasicQosAsync(0, most, global: false, CancellationToken.None).ConfigureAwait(false);
        var tag = await _channel.BasicConsumeAsync(_queue, autoAck: false, "", noLocal: false, exclusive: false, null, this, CancellationToken.None).ConfigureAwait(false);
        if (_settings.IsQuorum)
            await ArrivalAsync().ConfigureAwait(false);
        await _channel.BasicCancelAsync(tag, cancellationToken: CancellationToken.None).ConfigureAwait(false);
        await _roundOver.Task.WaitAsync(_settings.ReplyTimeout).ConfigureAwait(false);
        ThrowIfVisitFailed();
    }

    /// <summary>
    /// A classic queue answers a cancel behind what it has sent. The channel of a quorum queue answers at once, and what comes to it later it gives back, marked as delivered: nobody here would
    /// have seen it, nor told consumers that it was only looked at.
    /// </summary>
    private async Task ArrivalAsync()
    {
        var over = Task.WhenAny(_allHere.Task, _roundOver.Task);
        int before;
        do
        {
            before = Volatile.Read(ref _here);
            await ((Task)over).WaitAsync(Quiet).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        while (!over.IsCompleted && before != Volatile.Read(ref _here));
    }

    private async Task<bool> TakeOneAsync()
    {
        if (await _channel.BasicGetAsync(_queue, autoAck: false, CancellationToken.None).ConfigureAwait(false) is not { } got)
            return false;

        Hold(got.DeliveryTag, got.Redelivered, got.RoutingKey, got.BasicProperties, got.Body);
        ThrowIfVisitFailed();
        return true;
    }

    private void Hold(ulong tag, bool redelivered, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body)
    {
        _held.Add(tag);
        Volatile.Write(ref _here, _held.Count);
        if (_held.Count == _expected)
            _allHere.TrySetResult();
        if (_notes is not null && !redelivered)
            _fresh.Add(Consuming.DeliveryCounts.KeyOf(body.Span));
        try
        {
            if (_visitError is null)
                _visit(new LookedAt(tag, routingKey, properties, body));
        }
        catch (Exception error)
        {
            _visitError = error;
        }
    }

    private void ThrowIfVisitFailed()
    {
        if (_visitError is { } error)
            ExceptionDispatchInfo.Throw(error);
    }

    private Task OverAsync(Exception? error)
    {
        if (error is null)
            _roundOver.TrySetResult();
        else
            _roundOver.TrySetException(error);
        return Task.CompletedTask;
    }
}
