using System.Collections.Concurrent;
using Dramatiq.Akka.Brokers.RabbitMq.Topology;
using RabbitMQ.Client.Exceptions;

namespace Dramatiq.Akka.Brokers.RabbitMq.Delays;

/// <summary>Declares the ladder, and binds queues to its end, when the first delayed message needs them.</summary>
internal sealed class DelayRoutes(QueueDeclarer declarer, RabbitMqSettings settings)
{
    private readonly ConcurrentDictionary<string, bool> _bound = new(StringComparer.Ordinal);
    private volatile bool _isDeclared;

    public bool IsReadyFor(string queue) => _isDeclared && _bound.ContainsKey(queue);

    public void Lost(string queue) => _bound.TryRemove(queue, out _);

    public void AllMayBeLost()
    {
        _isDeclared = false;
        _bound.Clear();
    }

    /// <exception cref="BrokerException">The ladder exists with another unit.</exception>
    public async Task PrepareAsync(string queue, CancellationToken cancellationToken)
    {
        await declarer.DeclareAsync(queue, cancellationToken).ConfigureAwait(false);
        await declarer.OnChannelAsync(
            async channel =>
            {
                try
                {
                    if (!_isDeclared)
                        await DelayLadder.DeclareAsync(channel, settings.DelayUnit, cancellationToken).ConfigureAwait(false);
                    _isDeclared = true;
                    await DelayLadder.BindAsync(channel, queue, cancellationToken).ConfigureAwait(false);
                    _bound[queue] = true;
                    return true;
                }
                catch (OperationInterruptedException error) when (error.ShutdownReason is { ReplyCode: global::RabbitMQ.Client.Constants.PreconditionFailed } reason)
                {
                    throw new BrokerException(
                        $"The delay queues on RabbitMQ were declared with another unit than dramatiq.rabbitmq.delays.unit ({settings.DelayUnit.TotalMilliseconds:0} ms): {reason.ReplyText}. "
                        + "All processes on one vhost must have the same. To change it, let the queues named dramatiq.delay.* run empty and delete them.", error);
                }
            },
            cancellationToken).ConfigureAwait(false);
    }
}
