using System.Runtime.InteropServices;
using Akka.Event;
using Dramatiq.Akka.Brokers.RabbitMq.Connecting;
using Dramatiq.Akka.Brokers.RabbitMq.Consuming;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq.Inspection;

/// <summary>
/// Where the notes of <see cref="LookNotes"/> wait for this process: an exclusive queue, emptied only when a message comes whose mark wants explaining. The note of a message
/// is there before the message is, so reading until the mailbox is empty is enough.
/// </summary>
internal sealed class LookMailbox(ConnectionKeeper connections, DeliveryCounts counts, ILoggingAdapter log) : IAsyncDisposable
{
    /// <summary>As many notes as <see cref="DeliveryCounts"/> remembers.</summary>
    private const int MaxBytes = 65_536 * 16;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _opening = new(1, 1);
    private Task _round = Task.CompletedTask;
    private Task? _nextRound;
    private IChannel? _channel;
    private string _queue = "";

    /// <summary>Sets the mailbox up, if it is not there, so that it collects what is looked at from now on. Never fails.</summary>
    public async Task OpenAsync()
    {
        try
        {
            await ChannelAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            log.Debug("The mailbox for messages that were looked at could not be set up just now: {0}", error.Message);
        }
    }

    /// <summary>Completes when every note that was there at the call is in the counts. All who ask meanwhile share the next round. Never fails.</summary>
    public Task ReadAsync()
    {
        lock (_gate)
            return _nextRound ??= ReadAfterAsync(_round);
    }

    public ValueTask DisposeAsync() => _channel is { } channel ? channel.DisposeAsync() : ValueTask.CompletedTask;

    private async Task ReadAfterAsync(Task previous)
    {
        await Task.Yield();
        await previous.ConfigureAwait(false);
        lock (_gate)
        {
            _round = _nextRound!;
            _nextRound = null;
        }

        try
        {
            var channel = await ChannelAsync().ConfigureAwait(false);
            while (await channel.BasicGetAsync(_queue, autoAck: true).ConfigureAwait(false) is { } note)
            {
                foreach (var key in MemoryMarshal.Cast<byte, UInt128>(note.Body.Span))
                    counts.ExpectFresh(key);
            }
        }
        catch (Exception error)
        {
            log.Debug("The notes of messages that were looked at could not be read: {0}", error.Message);
        }
    }

    private async Task<IChannel> ChannelAsync()
    {
        if (_channel is { IsOpen: true } open)
            return open;

        await _opening.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_channel is { IsOpen: true } opened)
                return opened;

            if (_channel is { } old)
                await old.DisposeAsync().ConfigureAwait(false);
            _channel = null;
            var connection = await connections.GetAsync(CancellationToken.None).ConfigureAwait(false);
            var channel = await connection.CreateChannelAsync().ConfigureAwait(false);
            await LookNotes.DeclareAsync(channel, CancellationToken.None).ConfigureAwait(false);
            var queue = await channel.QueueDeclareAsync(
                "", durable: false, exclusive: true, autoDelete: false, new Dictionary<string, object?> { ["x-max-length-bytes"] = MaxBytes }).ConfigureAwait(false);
            _queue = queue.QueueName;
            await channel.QueueBindAsync(_queue, LookNotes.Exchange, "").ConfigureAwait(false);
            return _channel = channel;
        }
        finally
        {
            _opening.Release();
        }
    }
}
