using Akka.Hosting;
using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.RateLimits;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Docs;

/// <summary>What snippets of the documentation take as given, so that each can show its own point alone. Never run, only compiled against.</summary>
public static class Given
{
    public static DramatiqBuilder d => throw new NotSupportedException();

    public static AkkaConfigurationBuilder akka => throw new NotSupportedException();

    public static ITaskQueue queue => throw new NotSupportedException();

    public static IActorRef gateway => throw new NotSupportedException();

    public static InMemoryBroker broker => throw new NotSupportedException();

    public static FakeTimeProvider clock => throw new NotSupportedException();

    public static ActorSystem system => throw new NotSupportedException();

    public static IServiceCollection services => throw new NotSupportedException();

    public static RateLimiters limiters => throw new NotSupportedException();

    public static WebApplication app => throw new NotSupportedException();

    public static IHost host => throw new NotSupportedException();
}

[Task(Queue = "greetings", MaxRetries = 3)]
public sealed record Greet(string Name);

public sealed class Greeter : TaskActor
{
    public Greeter() => Receive<Greet>(static _ => { });
}

public sealed record Sleep(int Seconds);

public sealed class Sleeper : TaskActor
{
    public Sleeper() => Receive<Sleep>(static _ => { });
}
