using System.Linq.Expressions;
using System.Reflection;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Actors.Binding;

/// <summary>
/// How a task type becomes arguments and comes back: through the parameters of its longest public constructor, and the
/// public properties of the same names.
/// </summary>
internal sealed class TaskSignature
{
    private static readonly MethodInfo Write = typeof(WireJson).GetMethods()
        .Single(method => method is { Name: nameof(WireJson.Write), IsGenericMethodDefinition: true });

    private readonly Signature _signature;
    private readonly WireJson _json;
    private readonly Func<ArgumentSet, object> _construct;
    private readonly Action<WireJson, WireWriter, object> _write;

    /// <summary>Looks at the type once; all calls after that are compiled.</summary>
    /// <exception cref="ArgumentException">The type cannot be a task; the text says why.</exception>
    internal TaskSignature(Type taskType, string actorName, WireJson json)
    {
        var constructor = taskType.GetConstructors().MaxBy(candidate => candidate.GetParameters().Length);
        if (constructor is null || taskType.IsAbstract)
            throw new ArgumentException($"{actorName}: {TypeNames.Of(taskType)} has no public constructor, so no task can be made of it. Declare it as a record with its arguments as parameters.");
        _signature = new Signature(actorName, constructor.GetParameters());
        _json = json;
        _construct = CompileConstruct(constructor);
        _write = CompileWrite(taskType);
    }

    /// <summary>The parameters in order.</summary>
    internal IReadOnlyList<ParameterDescription> Parameters => _signature.Parameters;

    /// <summary>Makes the task that the message's arguments stand for.</summary>
    /// <exception cref="ArgumentBindingException">They stand for none.</exception>
    internal object Bind(Message message)
    {
        var arguments = ArgumentSet.Of(message, _signature, _json);
        var task = _construct(arguments);
        arguments.Return();
        return task;
    }

    /// <summary>Writes the JSON array of all arguments, by position.</summary>
    internal void WriteArgs(WireWriter writer, object task) => _write(_json, writer, task);

    private Func<ArgumentSet, object> CompileConstruct(ConstructorInfo constructor)
    {
        var set = Expression.Parameter(typeof(ArgumentSet));
        var values = Parameters.Select((_, index) => ArgumentExpressions.Value(set, _signature, index));
        var task = Expression.Convert(Expression.New(constructor, values), typeof(object));
        return Expression.Lambda<Func<ArgumentSet, object>>(task, set).Compile();
    }

    private Action<WireJson, WireWriter, object> CompileWrite(Type taskType)
    {
        var json = Expression.Parameter(typeof(WireJson));
        var writer = Expression.Parameter(typeof(WireWriter));
        var boxed = Expression.Parameter(typeof(object));
        var task = Expression.Variable(taskType);
        var steps = new List<Expression>
        {
            Expression.Assign(task, Expression.Convert(boxed, taskType)),
            Expression.Call(writer, nameof(WireWriter.WriteStartArray), null),
        };
        steps.AddRange(Parameters.Select(parameter => WriteOf(parameter, PropertyOf(parameter, taskType), json, writer, task)));
        steps.Add(Expression.Call(writer, nameof(WireWriter.WriteEndArray), null));
        return Expression.Lambda<Action<WireJson, WireWriter, object>>(Expression.Block([task], steps), json, writer, boxed).Compile();
    }

    private static MethodCallExpression WriteOf(ParameterDescription parameter, PropertyInfo property, Expression json, Expression writer, Expression task)
    {
        var value = Expression.Property(task, property);
        return parameter.TakesRest
            ? Expression.Call(typeof(TaskSignature), nameof(WriteRest), [parameter.Type.GetElementType()!], json, writer, value)
            : Expression.Call(json, Write.MakeGenericMethod(parameter.Type), writer, Expression.Convert(value, parameter.Type));
    }

    private static void WriteRest<T>(WireJson json, WireWriter writer, T[]? items)
    {
        foreach (var item in items ?? []) json.Write(writer, item);
    }

    private PropertyInfo PropertyOf(ParameterDescription parameter, Type taskType)
    {
        var name = parameter.Source.Name!;
        var property = taskType.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .FirstOrDefault(property => property.CanRead && property.GetIndexParameters().Length == 0
                && string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase));
        return property is not null && parameter.Type.IsAssignableFrom(property.PropertyType)
            ? property
            : throw new ArgumentException(
                $"{_signature.ActorName}: {TypeNames.Of(taskType)} has no public property '{name}' of type {TypeNames.Of(parameter.Type)} for the parameter of that name, so the argument could not be sent. Add it, or make the type a record.");
    }
}
