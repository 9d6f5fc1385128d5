using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Actors.Binding;

/// <summary>How a delegate is called with the arguments of a message, its context and its services.</summary>
internal sealed class DelegateSignature
{
    private readonly Signature _signature;
    private readonly WireJson _json;
    private readonly Func<ArgumentSet, MessageContext, ValueTask<object?>> _call;

    /// <summary>Looks at the delegate once; all calls after that are compiled.</summary>
    /// <exception cref="ArgumentException">The delegate cannot be a handler; the text says why.</exception>
    internal DelegateSignature(Delegate handler, string actorName, WireJson json)
    {
        if (handler.Method.ReturnType == typeof(void) && handler.Method.IsDefined(typeof(AsyncStateMachineAttribute), inherit: false))
            throw new ArgumentException($"{actorName}: the handler is async void, so nobody could tell when it ends or fails. Let it return Task.");
        var parameters = ParametersOf(handler);
        _signature = new Signature(actorName, parameters.Where(parameter => !IsFromContext(parameter)));
        _json = json;
        _call = Compile(handler, parameters);
    }

    /// <summary>The parameters that a message fills, in order.</summary>
    internal IReadOnlyList<ParameterDescription> Parameters => _signature.Parameters;

    /// <summary>Calls the delegate. What it throws comes as it is.</summary>
    /// <returns>Its result; null if it returns nothing.</returns>
    /// <exception cref="ArgumentBindingException">The arguments do not fit. Thrown at once; the delegate has not run.</exception>
    internal ValueTask<object?> Invoke(Message message, MessageContext context)
    {
        var arguments = ArgumentSet.Of(message, _signature, _json);
        var result = _call(arguments, context);
        arguments.Return();
        return result;
    }

    // A delegate closed over its first argument has one parameter less than its method.
    private static ParameterInfo[] ParametersOf(Delegate handler)
    {
        var called = handler.GetType().GetMethod("Invoke")!.GetParameters().Length;
        return handler.Method.GetParameters()[^called..];
    }

    private static bool IsFromContext(ParameterInfo parameter) =>
        parameter.ParameterType == typeof(CancellationToken)
        || parameter.ParameterType == typeof(MessageContext)
        || parameter.ParameterType == typeof(IServiceProvider)
        || parameter.IsDefined(typeof(FromServicesAttribute), inherit: false);

    private Func<ArgumentSet, MessageContext, ValueTask<object?>> Compile(Delegate handler, ParameterInfo[] parameters)
    {
        var set = Expression.Parameter(typeof(ArgumentSet));
        var context = Expression.Parameter(typeof(MessageContext));
        var next = 0;
        var values = new List<Expression>();
        foreach (var parameter in parameters)
            values.Add(IsFromContext(parameter) ? FromContext(parameter, context) : ArgumentExpressions.Value(set, _signature, next++));
        Expression call = Expression.Invoke(Expression.Constant(handler), values);
        Expression body = HandlerResult.AdapterFor(call.Type) is { } adapter
            ? Expression.Call(adapter, call)
            : Expression.Block(call, Expression.Default(typeof(ValueTask<object?>)));
        return Expression.Lambda<Func<ArgumentSet, MessageContext, ValueTask<object?>>>(body, set, context).Compile();
    }

    private Expression FromContext(ParameterInfo parameter, ParameterExpression context)
    {
        if (parameter.ParameterType == typeof(MessageContext)) return context;
        if (parameter.ParameterType == typeof(CancellationToken)) return Expression.Property(context, nameof(MessageContext.Cancellation));
        var services = Expression.Property(context, nameof(MessageContext.Services));
        if (parameter.ParameterType == typeof(IServiceProvider)) return services;
        return Expression.Call(
            typeof(DelegateSignature), nameof(Service), [parameter.ParameterType],
            services, Expression.Constant(_signature.ActorName), Expression.Constant(parameter.Name));
    }

    private static T Service<T>(IServiceProvider services, string actorName, string parameter) =>
        services.GetService(typeof(T)) is T service
            ? service
            : throw new DramatiqException(
                $"{actorName}: no service of type {TypeNames.Of(typeof(T))} is registered for parameter '{parameter}'. Register it, or remove [FromServices].");
}
