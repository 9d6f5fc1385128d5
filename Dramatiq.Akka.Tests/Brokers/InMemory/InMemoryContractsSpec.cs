using Akka.Hosting;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.InMemory;

namespace Dramatiq.Akka.Tests.Brokers.InMemory;

public sealed class InMemoryInspectionSpec : Contracts.InspectionSpec
{
    protected override Task<IBroker> CreateBrokerAsync() => Task.FromResult<IBroker>(new InMemoryBroker());
}

public sealed class InMemoryPausesSpec : Contracts.PausesSpec
{
    protected override Task<IBroker> CreateBrokerAsync() => Task.FromResult<IBroker>(new InMemoryBroker());

    protected override IKeepsPauses Other() => (IKeepsPauses)Broker;
}

public sealed class InMemoryOnCallSpec : Contracts.OnCallSpec
{
    protected override void Attach(AkkaConfigurationBuilder system) => system.WithInMemoryBroker(new InMemoryBroker());
}
