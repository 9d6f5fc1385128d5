using Akka.Hosting;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.RabbitMq;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

[Collection(RabbitMqCollection.Name)]
public sealed class RabbitMqInspectionSpec(SharedRabbitMq shared) : Contracts.InspectionSpec
{
    /// <summary>Only of what it has dead-lettered itself, for Python; what this library buries has a note.</summary>
    protected override bool KnowsWhenLettersDied => false;

    protected override Task<IBroker> CreateBrokerAsync() => Task.FromResult<IBroker>(TestBroker.Create(shared.Server));

    protected override Task CleanUpAsync() => shared.Server.DeleteQueuesAsync(Queue);
}

[Collection(RabbitMqCollection.Name)]
public sealed class RabbitMqPausesSpec(SharedRabbitMq shared) : Contracts.PausesSpec
{
    private readonly List<RabbitMqBroker> _others = [];

    protected override Task<IBroker> CreateBrokerAsync() => Task.FromResult<IBroker>(TestBroker.Create(shared.Server));

    protected override IKeepsPauses Other()
    {
        _others.Add(TestBroker.Create(shared.Server));
        return _others[^1];
    }

    protected override async Task CleanUpAsync()
    {
        foreach (var other in _others)
            await other.DisposeAsync();
        await shared.Server.DeleteQueuesAsync(Queue);
    }
}

[Collection(RabbitMqCollection.Name)]
public sealed class RabbitMqOnCallSpec(SharedRabbitMq shared) : Contracts.OnCallSpec
{
    protected override void Attach(AkkaConfigurationBuilder system) => system.WithRabbitMq(options => options.Urls.Add(shared.Server.Url));

    protected override Task CleanUpAsync() => shared.Server.DeleteQueuesAsync(Queue);
}
