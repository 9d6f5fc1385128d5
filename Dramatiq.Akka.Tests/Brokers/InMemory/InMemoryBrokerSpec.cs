using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Tests.Contracts;

namespace Dramatiq.Akka.Tests.Brokers.InMemory;

public sealed class InMemoryBrokerSpec : BrokerSpec
{
    protected override bool SupportsPriority => true;

    protected override Task<IBroker> CreateBrokerAsync() => Task.FromResult<IBroker>(new InMemoryBroker());
}
