using System.Text.Json;
using Akka.Configuration;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.RabbitMq;
using Dramatiq.Akka.Brokers.RabbitMq.Connecting;
using Dramatiq.Akka.Brokers.RabbitMq.Topology;
using Dramatiq.Akka.Messages;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

[Collection(RabbitMqCollection.Name)]
public sealed class TopologySpec(SharedRabbitMq shared)
{
    public static TheoryData<string, string> Recorded()
    {
        var data = new TheoryData<string, string>();
        using var vectors = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "rabbitmq.json")));
        foreach (var one in vectors.RootElement.GetProperty("data").EnumerateArray())
            data.Add(one.GetProperty("max_priority").GetRawText(), one.GetProperty("durable_queues").GetRawText());
        return data;
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Queues_must_have_the_arguments_that_Python_declares(string maxPriority, string queues)
    {
        var settings = TestBroker.Settings("amqp://localhost", maxPriority == "null" ? "" : $"dramatiq.rabbitmq.max-priority = {maxPriority}");
        using var recorded = JsonDocument.Parse(queues);
        var name = recorded.RootElement.EnumerateObject().First().Name;
        var ours = QueueArguments.Of(name, settings).ToDictionary(static one => one.Name, static one => one.Arguments);
        Assert.Equal(JsonSerializer.Serialize(recorded.RootElement), JsonSerializer.Serialize(ours));
    }

    [Fact]
    public async Task Declaring_a_queue_that_exists_with_other_arguments_must_say_which_and_what_to_do()
    {
        var queue = "differs_" + Guid.NewGuid().ToString("N");
        await using (var with = TestBroker.Create(shared.Server, "dramatiq.rabbitmq.max-priority = 10"))
            await with.DeclareQueueAsync(queue, CancellationToken.None);
        await using var without = TestBroker.Create(shared.Server);
        var error = await Assert.ThrowsAsync<QueueArgumentsDifferException>(() => without.DeclareQueueAsync(queue, CancellationToken.None));
        await shared.Server.DeleteQueuesAsync(queue);

        Assert.False(error.IsTransient);
        Assert.Equal(queue, error.Queue);
        Assert.Equal(
            $"Queue '{queue}' exists on RabbitMQ with other arguments than this process declares. "
            + $"This process: {{x-dead-letter-exchange: \"\", x-dead-letter-routing-key: \"{queue}.XQ\"}}. "
            + "The difference: on the server x-max-priority is '10' of type 'signedint'; here no x-max-priority. "
            + "Either set dramatiq.rabbitmq (max-priority, dead-message-ttl, queue-type) to what the queue was declared with, which Python's Dramatiq calls max_priority and dramatiq_dead_message_ttl, "
            + $"or drain the queue, delete it (rabbitmqctl delete_queue {queue}), and start again.",
            error.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Declaration_that_is_not_answered_must_fail_and_what_comes_next_be_asked_elsewhere(bool isGivenUp)
    {
        static Task<(IChannel Channel, string Name)> AskAsync(QueueDeclarer declarer, string queue) =>
            declarer.OnChannelAsync(async channel => (channel, (await channel.QueueDeclarePassiveAsync(queue)).QueueName), CancellationToken.None);
        var queue = "unanswered_" + Guid.NewGuid().ToString("N");
        await using var proxy = new CuttableProxy(shared.Server.Url);
        await using var keeper = new ConnectionKeeper(TestBroker.Settings(proxy.Url, "dramatiq.rabbitmq { reply-timeout = 6s, heartbeat = 60s }"), "spec");
        var declarer = new QueueDeclarer(keeper, TestBroker.Settings(proxy.Url));
        await declarer.DeclareAsync(queue, CancellationToken.None);
        var (before, _) = await AskAsync(declarer, queue);
        declarer.AllMayBeLost();

        proxy.Hold();
        using var giveUp = new CancellationTokenSource();
        var unanswered = declarer.DeclareAsync(queue, giveUp.Token);
        if (isGivenUp)
            await giveUp.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => unanswered.WaitAsync(EndToEnd.Eventually.Patience));
        Assert.Equal(isGivenUp, error is OperationCanceledException);
        Assert.Equal(!isGivenUp, error is BrokerConnectionException);
        proxy.Flow();

        var (after, name) = await AskAsync(declarer, queue + ".XQ");
        Assert.NotSame(before, after);
        Assert.Equal(queue + ".XQ", name);   // and not that of the queue, whose answer came late
        await declarer.DeclareAsync(queue, CancellationToken.None);
        await shared.Server.DeleteQueuesAsync(queue);
    }

    [Fact]
    public async Task A_host_must_not_start_on_a_queue_with_other_arguments()
    {
        var queue = "differs_" + Guid.NewGuid().ToString("N");
        await using (var with = TestBroker.Create(shared.Server, "dramatiq.rabbitmq.max-priority = 10"))
            await with.DeclareQueueAsync(queue, CancellationToken.None);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => RabbitMqHost.StartAsync(shared.Server.Url, d => d.AddActor("a", () => { }, o => o.Queue(queue))));
        await shared.Server.DeleteQueuesAsync(queue);
        Assert.Contains(queue, error.ToString(), StringComparison.Ordinal);
        Assert.Contains(nameof(QueueArgumentsDifferException), error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Published_messages_must_look_as_Python_publishes_them()
    {
        var queue = "bytes_" + Guid.NewGuid().ToString("N");
        await using var broker = TestBroker.Create(shared.Server, "dramatiq.rabbitmq.max-priority = 10");
        await broker.DeclareQueueAsync(queue, CancellationToken.None);
        var plain = new Message(queue, "add", "[1,2]"u8.ToArray(), "{}"u8.ToArray(), MessageOptions.Empty, "a", 1_700_000_000_000);
        await broker.PublishAsync([new Publication(plain, null), new Publication(plain.With(options: MessageOptions.Empty.With(OptionNames.BrokerPriority, 9)), null)], CancellationToken.None);
        var got = await shared.Server.TakeAllAsync(queue);
        await shared.Server.DeleteQueuesAsync(queue);

        Assert.Equal([9, 0], got.Select(static one => one.BasicProperties.IsPriorityPresent() ? one.BasicProperties.Priority : 0));
        Assert.All(got, one => Assert.Equal((DeliveryModes.Persistent, false, "", queue), (one.BasicProperties.DeliveryMode, one.BasicProperties.IsContentTypePresent(), one.Exchange, one.RoutingKey)));
        Assert.All(got, static one => Assert.True(one.BasicProperties.Headers is null or { Count: 0 }));
    }

    [Fact]
    public async Task Several_urls_must_be_tried_in_turn()
    {
        var queue = "turn_" + Guid.NewGuid().ToString("N");
        await using var broker = TestBroker.Create($"amqp://guest:guest@127.0.0.1:1,{shared.Server.Url}");
        await broker.DeclareQueueAsync(queue, CancellationToken.None);
        await shared.Server.DeleteQueuesAsync(queue);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_must_be_named_without_its_password()
    {
        await using var broker = TestBroker.Create("amqp://me:secret@127.0.0.1:1/words");
        var error = await Assert.ThrowsAsync<BrokerConnectionException>(() => broker.DeclareQueueAsync("q", CancellationToken.None));
        Assert.StartsWith("RabbitMQ does not answer: amqp://127.0.0.1:1/words: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_password_must_not_be_tried_again()
    {
        await using var broker = TestBroker.Create(new UriBuilder(shared.Server.Url) { Password = "wrong" }.Uri.ToString());
        var error = await Assert.ThrowsAsync<BrokerException>(() => broker.DeclareQueueAsync("q", CancellationToken.None));
        Assert.False(error.IsTransient);
        Assert.DoesNotContain("wrong", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost", "'http://localhost' is no URL of RabbitMQ. It looks like amqp://user:password@host:5672/vhost, or amqps://… for TLS.")]
    [InlineData("amqp:/me:secret@host", "'…@host' is no URL of RabbitMQ. It looks like amqp://user:password@host:5672/vhost, or amqps://… for TLS.")]
    [InlineData("amqp://me:secret@host/a/b", "'amqp://host:5672/a/b' has more than one part after the host: write a slash inside the name of a vhost as %2F.")]
    [InlineData(" , ", "No URL of RabbitMQ is given. Give at least one, such as amqp://user:password@host:5672/vhost.")]
    public void A_url_that_cannot_be_used_must_be_refused(string url, string text) =>
        Assert.Equal(text, Assert.Throws<ArgumentException>(() => BrokerUrl.ParseAll(url)).Message);

    [Fact]
    public void Every_default_must_be_read_by_somebody()
    {
        RabbitMqSettings.From(RabbitMqHostingExtensions.Reference, out var read);
        var leaves = Leaves(RabbitMqHostingExtensions.Reference.GetConfig("dramatiq.rabbitmq").Root, "dramatiq.rabbitmq").Order(StringComparer.Ordinal);
        Assert.Equal(leaves, read.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("max-priority = 256", "dramatiq.rabbitmq.max-priority must be 1 to 255, or none, was '256'.")]
    [InlineData("queue-type = lazy", "dramatiq.rabbitmq.queue-type must be classic or quorum, was 'lazy'.")]
    [InlineData("tls.ca-file = /no/such/file.pem", "dramatiq.rabbitmq.tls.ca-file cannot be read: Could not find a part of the path '/no/such/file.pem'. Name a PEM file with certificates, or none.")]
    [InlineData("tls.ca-file = /dev/null", "dramatiq.rabbitmq.tls.ca-file must be a PEM file that holds certificates, or none, was '/dev/null'.")]
    [InlineData("heartbeat = soon", "dramatiq.rabbitmq.heartbeat must be a time of 1 s or more, such as 15s, was 'soon'.")]
    public void A_setting_that_cannot_be_used_must_be_named(string hocon, string text) =>
        Assert.Equal(text, Assert.Throws<ConfigurationException>(() => TestBroker.Settings("amqp://localhost", "dramatiq.rabbitmq." + hocon)).Message);

    [Fact]
    public void Options_must_write_the_keys_that_are_read()
    {
        var options = new RabbitMqOptions
        {
            Heartbeat = TimeSpan.FromSeconds(7), ConnectTimeout = TimeSpan.FromSeconds(8), ReplyTimeout = TimeSpan.FromSeconds(9), BlockedTimeout = TimeSpan.FromSeconds(10),
            MaxPriority = 11, DeadMessageTtl = TimeSpan.FromDays(12), QuorumQueues = false, MaxUnconfirmed = 13, AckDelay = TimeSpan.FromMilliseconds(14),
            WatchdogInterval = TimeSpan.FromSeconds(15), DelayLease = TimeSpan.FromMinutes(16), CountRedeliveries = false, DelayUnit = TimeSpan.FromMilliseconds(500),
            InspectionLooks = 70, InspectionOrderLooks = 700,
        };
        options.Urls.Add("amqp://one");
        options.Urls.Add("amqps://me:p%2Cw@two:99/v");
        var read = RabbitMqSettings.From(options.ToHocon().WithFallback(RabbitMqHostingExtensions.Reference));
        Assert.Equal(["amqp://one/", "amqps://me:p%2Cw@two:99/v"], read.Urls.Select(static url => url.AbsoluteUri));
        Assert.Equal(
            (options.Heartbeat, options.ConnectTimeout, options.ReplyTimeout, options.BlockedTimeout, options.MaxPriority, options.DeadMessageTtl, options.MaxUnconfirmed),
            (read.Heartbeat, read.ConnectTimeout, read.ReplyTimeout, read.BlockedTimeout, read.MaxPriority, read.DeadMessageTtl, read.MaxUnconfirmed));
        Assert.Equal(
            (options.AckDelay, options.WatchdogInterval, options.DelayLease, false, options.DelayUnit),
            (read.AckDelay, read.WatchdogInterval, read.DelayLease, read.CountRedeliveries, read.DelayUnit));
        Assert.Equal((70, 700), (read.Looks, read.OrderLooks));
    }

    private static IEnumerable<string> Leaves(global::Akka.Configuration.Hocon.HoconValue value, string path) =>
        value.IsObject() ? value.GetObject().Items.SelectMany(item => Leaves(item.Value, path + "." + item.Key)) : [path];
}
