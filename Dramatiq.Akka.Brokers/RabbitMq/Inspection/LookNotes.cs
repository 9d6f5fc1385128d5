using System.Runtime.InteropServices;
using Akka.Event;
using Dramatiq.Akka.Brokers.RabbitMq.Connecting;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq.Inspection;

/// <summary>
/// Tells all consumers which messages were only looked at. What was put back is delivered with the mark of one that was delivered before, which the guard against
/// messages that bring their process down would otherwise hold against it. A note is in every <see cref="LookMailbox"/> before its message is back in the queue.
/// </summary>
internal sealed class LookNotes(ConnectionKeeper connections, RabbitMqSettings settings, ILoggingAdapter log) : IAsyncDisposable
{
    public const string Exchange = "dramatiq.looks";

    /// <summary>A note that takes longer is done without: meanwhile the messages are held, so this is far less than an order may take. They are then counted as delivered once more than they were.</summary>
    private readonly TimeSpan _patience = settings.ReplyTimeout / 10;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private IChannel? _channel;

    public static Task DeclareAsync(IChannel channel, CancellationToken cancellationToken) =>
        channel.ExchangeDeclareAsync(Exchange, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);

    /// <summary>Completes when the notes are in the mailboxes. Never fails.</summary>
    public async Task TellAsync(List<UInt128> keys)
    {
        var body = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(keys)).ToArray();
        using var deadline = new CancellationTokenSource(_patience);
        try
        {
            await _turn.WaitAsync(deadline.Token).ConfigureAwait(false);
            try
            {
                var channel = _channel is { IsOpen: true } open ? open : _channel = await OpenAsync(deadline.Token).ConfigureAwait(false);
                await channel.BasicPublishAsync(Exchange, "", mandatory: false, body, deadline.Token).ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (Exception error)
        {
            log.Warning("{0} messages that were looked at count as delivered once, as RabbitMQ did not take the note of it: {1}", keys.Count, error.Message);
        }
    }

    public ValueTask DisposeAsync() => _channel is { } channel ? channel.DisposeAsync() : ValueTask.CompletedTask;

    private async Task<IChannel> OpenAsync(CancellationToken cancellationToken)
    {
        if (_channel is { } old)
            await old.DisposeAsync().ConfigureAwait(false);
        _channel = null;
        var connection = await connections.GetAsync(cancellationToken).ConfigureAwait(false);
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), cancellationToken).ConfigureAwait(false);
        await DeclareAsync(channel, cancellationToken).ConfigureAwait(false);
        return channel;
    }
}
