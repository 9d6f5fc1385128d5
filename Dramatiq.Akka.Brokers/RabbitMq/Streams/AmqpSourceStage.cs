using Akka.Streams;
using Akka.Streams.Stage;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

/// <summary>The source of one consumer. It connects when it starts; deliveries gather, within the credit, until they are pulled, and go down as one batch.</summary>
internal sealed class AmqpSourceStage<T, TReceiver>(
    Func<CancellationToken, Task<IConnection>> connect, AmqpSourceSettings settings, Func<AmqpSubscription, TReceiver> begin)
    : GraphStageWithMaterializedValue<SourceShape<IReadOnlyList<T>>, TReceiver>
    where TReceiver : IAmqpReceiver<T>
{
    private readonly Outlet<IReadOnlyList<T>> _out = new("AmqpSource.Deliveries");

    public override SourceShape<IReadOnlyList<T>> Shape => new(_out);

    public override ILogicAndMaterializedValue<TReceiver> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var subscription = new AmqpSubscription(settings);
        var receiver = begin(subscription);
        return new LogicAndMaterializedValue<TReceiver>(new Logic(this, subscription, receiver), receiver);
    }

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly AmqpSourceStage<T, TReceiver> _stage;
        private readonly AmqpSubscription _subscription;
        private readonly DeliveryBuffer<T> _buffer = new();
        private readonly TReceiver _receiver;
        private readonly CancellationTokenSource _stopped = new();

        public Logic(AmqpSourceStage<T, TReceiver> stage, AmqpSubscription subscription, TReceiver receiver) : base(stage.Shape)
        {
            _stage = stage;
            _subscription = subscription;
            _receiver = receiver;
            SetHandler(stage._out, this);
        }

        public override void PreStart()
        {
            _buffer.Wake = GetAsyncCallback(Serve);
            var ended = GetAsyncCallback<AmqpEnd>(OnEnded);
            var failed = GetAsyncCallback<Exception>(FailStage);
            _ = ConnectAsync(ended, failed);
        }

        public override void OnPull() => Serve();

        // Whichever way the stage ends, cancelled, failed or with its whole system, its messages go back.
        public override void PostStop()
        {
            _stopped.Cancel();
            _ = _subscription.CloseAsync().AsTask();
        }

        private void Serve()
        {
            if (IsAvailable(_stage._out) && _buffer.TakeOrWait() is { } batch)
                Push(_stage._out, batch);
        }

        private void OnEnded(AmqpEnd end)
        {
            if (end.Kind is AmqpEndKind.Closed)
                CompleteStage();
            else
                FailStage(new AmqpEndedException(end));
        }

        private async Task ConnectAsync(Action<AmqpEnd> ended, Action<Exception> failed)
        {
            try
            {
                await AmqpConsumer<T>.StartAsync(_stage.Connection, _stage.Settings, _subscription, _receiver, _buffer, _stopped.Token).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                var refused = (error as OperationInterruptedException)?.ShutdownReason is { } reason ? AmqpEnd.Of(reason, connectionIsOpen: true) : null;
                var isTold = refused is not null || _subscription.Completion.IsCompleted;
                await _subscription.EndAsync(refused ?? new AmqpEnd(AmqpEndKind.ConnectionLost, 0, error.Message)).ConfigureAwait(false);
                var end = await _subscription.Completion.ConfigureAwait(false);
                if (end.Kind is AmqpEndKind.Closed)
                    ended(end);
                else
                    failed(isTold ? new AmqpEndedException(end, error) : error);
                return;
            }

            ended(await _subscription.Completion.ConfigureAwait(false));
        }
    }

    private Func<CancellationToken, Task<IConnection>> Connection => connect;

    private AmqpSourceSettings Settings => settings;
}
