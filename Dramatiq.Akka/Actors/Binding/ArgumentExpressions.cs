using System.Linq.Expressions;
using System.Reflection;

namespace Dramatiq.Akka.Actors.Binding;

/// <summary>The expressions that read arguments out of an <see cref="ArgumentSet"/>, from which binders are compiled.</summary>
internal static class ArgumentExpressions
{
    private static readonly MethodInfo Has = Method(nameof(ArgumentSet.Has));
    private static readonly MethodInfo Get = Method(nameof(ArgumentSet.Get));
    private static readonly MethodInfo Rest = Method(nameof(ArgumentSet.Rest));

    /// <summary>The value of the parameter: as sent, else the rest or the default.</summary>
    internal static Expression Value(ParameterExpression set, Signature signature, int index)
    {
        var parameter = signature.Parameters[index];
        var at = Expression.Constant(index);
        var sent = Expression.Call(set, Get.MakeGenericMethod(parameter.Type), at);
        if (!parameter.TakesRest && !parameter.HasDefault) return sent;
        Expression otherwise = parameter.TakesRest
            ? Expression.Call(set, Rest.MakeGenericMethod(parameter.Type.GetElementType()!), at)
            : Default(parameter);
        return Expression.Condition(Expression.Call(set, Has, at), sent, otherwise);
    }

    private static Expression Default(ParameterDescription parameter) => parameter.Default is { } value
        ? Expression.Convert(Expression.Constant(value), parameter.Type)
        : Expression.Default(parameter.Type);

    private static MethodInfo Method(string name) =>
        typeof(ArgumentSet).GetMethod(name, BindingFlags.Instance | BindingFlags.NonPublic)!;
}
