using System.Threading.Channels;
using Akka;
using Akka.Streams.Dsl;
using Akka.Util;
using Dramatiq.Akka.Brokers.RabbitMq.Connecting;
using Dramatiq.Akka.Brokers.RabbitMq.Topology;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Dramatiq.Akka.Brokers.RabbitMq.Inspection;

/// <summary>Hears the news of pauses, and reads the last word after each: news may overtake one another, the word cannot.</summary>
internal sealed class PauseWatch : AsyncDefaultBasicConsumer, IAsyncDisposable
{
    private readonly PauseBoard _board;
    private readonly CancellationTokenSource _ended = new();

    /// <summary>At most one: what came meanwhile is read with it. The first is there from the start.</summary>
    private readonly Channel<bool> _news = System.Threading.Channels.Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private PauseWatch(IChannel channel, PauseBoard board) : base(channel)
    {
        _board = board;
        _news.Writer.TryWrite(true);
    }

    public static Source<IReadOnlySet<string>, NotUsed> Source(ConnectionKeeper connections, PauseBoard board) =>
        global::Akka.Streams.Dsl.Source.UnfoldResourceAsync(() => OpenAsync(connections, board), static watch => watch.NextAsync(), static async watch =>
        {
            await watch.DisposeAsync().ConfigureAwait(false);
            return Done.Instance;
        });

    public override Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
        IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        _news.Writer.TryWrite(true);
        return Task.CompletedTask;
    }

    public override Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason)
    {
        _news.Writer.TryComplete(new BrokerConnectionException($"the news of pauses ended: {reason.ReplyText}"));
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await Channel.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<PauseWatch> OpenAsync(ConnectionKeeper connections, PauseBoard board)
    {
        IChannel? channel = null;
        try
        {
            var connection = await connections.GetAsync(CancellationToken.None).ConfigureAwait(false);
            await board.PrepareAsync(connection, CancellationToken.None).ConfigureAwait(false);
            channel = await connection.CreateChannelAsync().ConfigureAwait(false);
            var watch = new PauseWatch(channel, board);
            var queue = await channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true).ConfigureAwait(false);
            await channel.QueueBindAsync(queue.QueueName, PauseBoard.Name, "").ConfigureAwait(false);
            await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, watch).ConfigureAwait(false);
            return watch;
        }
        catch (Exception error) when (QueueDeclarer.IsLostConnection(error) || QueueDeclarer.IsNoAnswer(error, CancellationToken.None))
        {
            if (channel is not null)
                await channel.DisposeAsync().ConfigureAwait(false);
            throw new BrokerConnectionException($"the news of pauses cannot be heard: {error.Message}", error);
        }
    }

    private async Task<Option<IReadOnlySet<string>>> NextAsync()
    {
        await _news.Reader.ReadAsync(_ended.Token).ConfigureAwait(false);
        return Option<IReadOnlySet<string>>.Create(await _board.ReadAsync(_ended.Token).ConfigureAwait(false));
    }
}
