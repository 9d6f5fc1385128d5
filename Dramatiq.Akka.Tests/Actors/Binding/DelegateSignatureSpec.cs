using Dramatiq.Akka.Actors.Binding;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka.Tests.Actors.Binding;

public sealed class DelegateSignatureSpec
{
    private int _seen;

    public static TheoryData<string, Delegate, object?> Handlers => new()
    {
        { "void", (int x) => { _ = x; }, null },
        { "value", (int x) => x + 1, 6 },
        { "string", (int x) => $"{x}", "5" },
        { "list", (int x) => new List<int> { x }, new List<int> { 5 } },
        { "task", async (int _) => await Task.Yield(), null },
        { "completed task", (int _) => Task.CompletedTask, null },
        { "task with result", async (int x) => { await Task.Yield(); return x + 1; }, 6 },
        { "value task", async ValueTask (int _) => await Task.Yield(), null },
        { "completed value task", (int _) => default(ValueTask), null },
        { "value task with result", async ValueTask<string> (int x) => { await Task.Yield(); return $"{x}"; }, "5" },
        { "completed value task with result", (int x) => new ValueTask<int>(x), 5 },
        { "default", (int x, string y = "d") => x + y, "5d" },
        { "rest", (params int[] x) => x.Length, 1 },
    };

    [Theory]
    [MemberData(nameof(Handlers))]
    public async Task Handler_must_give_its_result_whatever_it_returns(string name, Delegate handler, object? expected)
    {
        Assert.NotEmpty(name);
        Assert.Equal(expected, await Invoke(handler, "[5]"));
    }

    [Fact]
    public async Task Handler_may_be_a_method_of_an_object()
    {
        await Invoke(Remember, "[5]");

        Assert.Equal(5, _seen);
    }

    [Fact]
    public async Task Handler_must_get_context_services_and_cancellation_beside_its_arguments()
    {
        using var services = new ServiceCollection().AddSingleton(new Clock(7)).BuildServiceProvider();
        var signature = new DelegateSignature(
            (CancellationToken token, int x, [FromServices] Clock clock, MessageContext context, IServiceProvider provider, int y) =>
                (object)(token == context.Cancellation && provider == context.Services && context.Message.ActorName == "count_words" ? x + y + clock.Hour : -1),
            "count_words", WireJson.Default);
        var message = Arguments.Of("[1]", """{"y":2}""");

        Assert.Equal(10, await signature.Invoke(message, Arguments.Context(message, services)));
        Assert.Equal(["x", "y"], signature.Parameters.Select(parameter => parameter.Name));
    }

    [Fact]
    public void Handler_must_be_told_which_service_is_missing()
    {
        using var services = new ServiceCollection().BuildServiceProvider();
        var message = Arguments.Of();

        var exception = Assert.Throws<DramatiqException>(() =>
            Completed(new DelegateSignature(([FromServices] Clock clock) => clock.Hour, "tick", WireJson.Default)
                .Invoke(message, Arguments.Context(message, services))));

        Assert.Equal("tick: no service of type Clock is registered for parameter 'clock'. Register it, or remove [FromServices].", exception.Message);
    }

    [Fact]
    public void Handler_must_not_run_when_arguments_do_not_fit()
    {
        var exception = Assert.Throws<ArgumentBindingException>(() => Completed(Invoke(Remember, "[\"five\"]")));

        Assert.Equal("count_words: parameter 'x' (int) cannot be read from \"five\": an integer is expected.", exception.Message);
        Assert.Equal(0, _seen);
    }

    [Fact]
    public async Task Exceptions_of_a_handler_must_come_as_they_are()
    {
        Assert.Throws<InvalidTimeZoneException>(() => Completed(Invoke(Fail, "[5]")));
        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await Invoke(async (int _) =>
        {
            await Task.Yield();
            throw new InvalidTimeZoneException();
        }, "[5]"));
    }

    [Fact]
    public async Task Handlers_must_be_able_to_bind_while_another_is_running()
    {
        var inner = new DelegateSignature((string a, string b) => a + b, "inner", WireJson.Default);
        var message = Arguments.Of("""["a","b"]""");

        var result = await Invoke(async (int x) => $"{x}{await inner.Invoke(message, Arguments.Context(message))}", "[5]");

        Assert.Equal("5ab", result);
    }

    [Fact]
    public void Handlers_that_cannot_be_called_must_be_refused_when_declared()
    {
        Assert.Equal(
            "x: the handler is async void, so nobody could tell when it ends or fails. Let it return Task.",
            Assert.Throws<ArgumentException>(() => new DelegateSignature((Action)(async () => await Task.Yield()), "x", WireJson.Default)).Message);
        Assert.Equal(
            "x: parameter 'value' is passed by reference, and a message cannot fill that. Pass it by value.",
            Assert.Throws<ArgumentException>(() => new DelegateSignature((ref int value) => value++, "x", WireJson.Default)).Message);
    }

    [Fact]
    public void Call_of_a_synchronous_handler_must_not_allocate()
    {
        var signature = new DelegateSignature(Remember, "count_words", WireJson.Default);
        var message = Arguments.Of("[5]");
        var context = Arguments.Context(message);
        for (var run = 0; run < 100; run++) Assert.True(Completed(signature.Invoke(message, context)));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var run = 0; run < 1000; run++) Assert.True(Completed(signature.Invoke(message, context)));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    private static ValueTask<object?> Invoke(Delegate handler, string args)
    {
        var message = Arguments.Of(args);
        return new DelegateSignature(handler, "count_words", WireJson.Default).Invoke(message, Arguments.Context(message));
    }

    private static bool Completed(ValueTask<object?> result) => result.IsCompletedSuccessfully;

    private static void Fail(int x) => throw new InvalidTimeZoneException($"{x}");

    private void Remember(int x) => _seen = x;

    private sealed record Clock(int Hour);
}
