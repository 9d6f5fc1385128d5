using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.Contracts;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

[Collection(RedisServerCollection.Name)]
public sealed class RedisBrokerSpec(RedisServer server) : BrokerSpec
{
    protected override Task<IBroker> CreateBrokerAsync() => Task.FromResult<IBroker>(new RedisBroker(new RedisOptions { Url = server.Url, CommandTimeout = RedisFixture.CommandTimeout }));

    protected override byte[] Canonicalized(ReadOnlyMemory<byte> body)
    {
        var message = Message.Decode(body);
        return message.With(options: message.Options.Without(OptionNames.RedisMessageId)).Encode();
    }
}
