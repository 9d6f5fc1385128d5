using Akka.Streams;
using Akka.Streams.Stage;

namespace Dramatiq.Akka.Brokers.InMemory;

/// <summary>The source of one consumer. It takes a batch when it is pulled, or when it is woken with demand open; nothing is buffered.</summary>
internal sealed class DeliverySource(InMemoryBroker broker, string queue, int prefetch)
    : GraphStageWithMaterializedValue<SourceShape<IReadOnlyList<Delivery>>, IBrokerConsumer>
{
    private readonly Outlet<IReadOnlyList<Delivery>> _out = new("InMemoryBroker.Deliveries");

    public override SourceShape<IReadOnlyList<Delivery>> Shape => new(_out);

    public override ILogicAndMaterializedValue<IBrokerConsumer> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        if (broker.FindLane(queue) is not { } lane)
        {
            var error = broker.NotFound(queue);
            return new LogicAndMaterializedValue<IBrokerConsumer>(new FailedLogic(this, error), new FailedConsumer(error));
        }

        var consumer = new InMemoryConsumer(lane, prefetch);
        return new LogicAndMaterializedValue<IBrokerConsumer>(new Logic(this, consumer), consumer);
    }

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly Outlet<IReadOnlyList<Delivery>> _out;
        private readonly InMemoryConsumer _consumer;

        public Logic(DeliverySource source, InMemoryConsumer consumer) : base(source.Shape)
        {
            _out = source._out;
            _consumer = consumer;
            SetHandler(_out, this);
        }

        public override void PreStart()
        {
            if (!_consumer.Start(GetAsyncCallback(Serve), GetAsyncCallback(CompleteStage))) CompleteStage();
        }

        public override void OnPull() => Serve();

        // Whichever way the stage ends, cancelled, failed or with its whole system, its messages go back.
        public override void PostStop() => _consumer.Leave();

        private void Serve()
        {
            if (IsAvailable(_out) && _consumer.TryTake() is { } batch) Push(_out, batch);
        }
    }

    private sealed class FailedLogic : OutGraphStageLogic
    {
        private readonly Exception _error;

        public FailedLogic(DeliverySource source, Exception error) : base(source.Shape)
        {
            _error = error;
            SetHandler(source._out, this);
        }

        public override void PreStart() => FailStage(_error);

        public override void OnPull()
        {
        }
    }

    private sealed class FailedConsumer(Exception error) : IBrokerConsumer
    {
        public ValueTask SettleAsync(IReadOnlyList<Settlement> settlements) =>
            ValueTask.FromException(new BrokerConnectionException("The consumer never started: " + error.Message, error));

        public ValueTask StopAsync() => ValueTask.CompletedTask;

        public ValueTask CloseAsync() => ValueTask.CompletedTask;
    }
}
