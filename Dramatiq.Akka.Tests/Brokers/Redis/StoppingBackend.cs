using System.Reflection;
using Dramatiq.Akka.RateLimits;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>A backend that never comes back from marking the callbacks of a group as published: the moment in which a process is to be killed.</summary>
public class StoppingBackend : DispatchProxy
{
    private IRateLimiterBackend? _backend;

    public static IRateLimiterBackend Around(IRateLimiterBackend backend)
    {
        var proxy = Create<IRateLimiterBackend, StoppingBackend>();
        ((StoppingBackend)(object)proxy)._backend = backend;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name != nameof(IRateLimiterBackend.IncrementAsync) || args is not [string key, long amount and > 0, ..] || !key.EndsWith("@fired", StringComparison.Ordinal))
            return targetMethod.Invoke(_backend, args);

        Console.WriteLine("published");
        return new ValueTask<bool>(new TaskCompletionSource<bool>().Task);
    }
}
