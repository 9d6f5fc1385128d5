using Akka.Event;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Tests.Contracts;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

public sealed class RabbitMqBrokerSpec : BrokerSpec
{
    protected override bool KeepsOrderOfReturned => false;

    protected override async Task<IBroker> CreateBrokerAsync() => TestBroker.Create(await RabbitMqServer.SharedAsync());

    protected override async Task CleanUpAsync() => await (await RabbitMqServer.SharedAsync()).DeleteQueuesAsync(Queue);
}

public sealed class RabbitMqPrioritySpec : BrokerSpec
{
    protected override bool SupportsPriority => true;

    protected override bool KeepsOrderOfReturned => false;

    protected override async Task<IBroker> CreateBrokerAsync() => TestBroker.Create(await RabbitMqServer.SharedAsync(), "dramatiq.rabbitmq.max-priority = 10");

    protected override async Task CleanUpAsync() => await (await RabbitMqServer.SharedAsync()).DeleteQueuesAsync(Queue);
}

public sealed class RabbitMqQuorumSpec : BrokerSpec
{
    protected override bool KeepsOrderOfReturned => false;

    protected override async Task<IBroker> CreateBrokerAsync() => TestBroker.Create(await RabbitMqServer.SharedAsync(), "dramatiq.rabbitmq.queue-type = quorum");

    protected override async Task CleanUpAsync() => await (await RabbitMqServer.SharedAsync()).DeleteQueuesAsync(Queue);
}
