using Akka.Streams;
using Akka.Streams.Stage;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>The source of one consumer: pulls become fetches, what was fetched is pushed, nothing is buffered.</summary>
internal sealed class RedisSource(Func<IRedisConsumer> create) : GraphStageWithMaterializedValue<SourceShape<IReadOnlyList<Delivery>>, IBrokerConsumer>
{
    private readonly Outlet<IReadOnlyList<Delivery>> _out = new("RedisBroker.Deliveries");

    public override SourceShape<IReadOnlyList<Delivery>> Shape => new(_out);

    public override ILogicAndMaterializedValue<IBrokerConsumer> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var consumer = create();
        return new LogicAndMaterializedValue<IBrokerConsumer>(new Logic(this, consumer), consumer);
    }

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly Outlet<IReadOnlyList<Delivery>> _out;
        private readonly IRedisConsumer _consumer;

        public Logic(RedisSource source, IRedisConsumer consumer) : base(source.Shape)
        {
            _out = source._out;
            _consumer = consumer;
            SetHandler(_out, this);
        }

        public override void PreStart() =>
            _consumer.Start(GetAsyncCallback<IReadOnlyList<Delivery>>(batch => Push(_out, batch)), GetAsyncCallback<Exception?>(End));

        public override void OnPull() => _consumer.Pull();

        // Whichever way the stage ends, cancelled, failed or with its whole system, its messages go back.
        public override void PostStop() => _ = _consumer.CloseAsync().AsTask();

        private void End(Exception? error)
        {
            if (error is null) CompleteStage();
            else FailStage(error);
        }
    }
}
