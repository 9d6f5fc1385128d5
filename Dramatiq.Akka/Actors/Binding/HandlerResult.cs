using System.Reflection;

namespace Dramatiq.Akka.Actors.Binding;

/// <summary>Brings whatever a handler returns to one shape; null where it returns nothing.</summary>
internal static class HandlerResult
{
    /// <summary>The adapter for a return type; null for void.</summary>
    internal static MethodInfo? AdapterFor(Type returnType)
    {
        if (returnType == typeof(void)) return null;
        if (returnType == typeof(Task)) return Adapter(nameof(OfTask));
        if (returnType == typeof(ValueTask)) return Adapter(nameof(OfValueTask));
        if (!returnType.IsGenericType) return Adapter(nameof(OfValue), returnType);
        var definition = returnType.GetGenericTypeDefinition();
        if (definition == typeof(Task<>)) return Adapter(nameof(OfTaskWithResult), returnType.GetGenericArguments());
        if (definition == typeof(ValueTask<>)) return Adapter(nameof(OfValueTaskWithResult), returnType.GetGenericArguments());
        return Adapter(nameof(OfValue), returnType);
    }

    private static ValueTask<object?> OfValue<T>(T value) => new((object?)value);

    private static ValueTask<object?> OfTask(Task task) => task.IsCompletedSuccessfully ? default : Awaited(new ValueTask(task));

    private static ValueTask<object?> OfValueTask(ValueTask task)
    {
        if (!task.IsCompletedSuccessfully) return Awaited(task);
        // A pooled source behind it learns only from this call that it is free again.
        task.GetAwaiter().GetResult();
        return default;
    }

    private static async ValueTask<object?> OfTaskWithResult<T>(Task<T> task) => await task;

    private static async ValueTask<object?> OfValueTaskWithResult<T>(ValueTask<T> task) => await task;

    private static async ValueTask<object?> Awaited(ValueTask task)
    {
        await task;
        return null;
    }

    private static MethodInfo Adapter(string name, params Type[] types)
    {
        var method = typeof(HandlerResult).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!;
        return types.Length == 0 ? method : method.MakeGenericMethod(types);
    }
}
