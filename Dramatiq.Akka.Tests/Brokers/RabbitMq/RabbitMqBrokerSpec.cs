using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Tests.Contracts;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

[Collection(RabbitMqCollection.Name)]
public sealed class RabbitMqBrokerSpec(SharedRabbitMq shared) : BrokerSpec
{
    protected override bool KeepsOrderOfReturned => false;

    protected override Task<IBroker> CreateBrokerAsync() => Task.FromResult<IBroker>(TestBroker.Create(shared.Server));

    protected override Task CleanUpAsync() => shared.Server.DeleteQueuesAsync(Queue);
}

[Collection(RabbitMqCollection.Name)]
public sealed class RabbitMqPrioritySpec(SharedRabbitMq shared) : BrokerSpec
{
    protected override bool SupportsPriority => true;

    protected override bool KeepsOrderOfReturned => false;

    protected override Task<IBroker> CreateBrokerAsync() => Task.FromResult<IBroker>(TestBroker.Create(shared.Server, "dramatiq.rabbitmq.max-priority = 10"));

    protected override Task CleanUpAsync() => shared.Server.DeleteQueuesAsync(Queue);
}

[Collection(RabbitMqCollection.Name)]
public sealed class RabbitMqQuorumSpec(SharedRabbitMq shared) : BrokerSpec
{
    protected override bool KeepsOrderOfReturned => false;

    protected override Task<IBroker> CreateBrokerAsync() => Task.FromResult<IBroker>(TestBroker.Create(shared.Server, "dramatiq.rabbitmq.queue-type = quorum"));

    protected override Task CleanUpAsync() => shared.Server.DeleteQueuesAsync(Queue);
}
