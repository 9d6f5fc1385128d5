using System.Globalization;

namespace Dramatiq.Akka.Actors;

/// <summary>
/// An option that actors may be declared with: its name on the wire, and how a value given in C# or HOCON becomes the
/// one form in which its middleware reads it.
/// </summary>
public sealed class ActorOption
{
    private readonly Func<object?, object?> _convert;

    private ActorOption(string name, string expects, Func<object?, object?> convert)
    {
        Name = name;
        Expects = expects;
        _convert = convert;
    }

    /// <summary>The name on the wire and in <c>o.Option(…)</c>, in snake_case; with dashes for underscores in HOCON.</summary>
    public string Name { get; }

    /// <summary>What a value may be, for error texts.</summary>
    public string Expects { get; }

    /// <summary>A length of time, kept as <see cref="double"/> milliseconds so that it can be infinite: a <see cref="TimeSpan"/>, a number of milliseconds (-1 for infinite), or text such as <c>15s</c> or <c>infinite</c>.</summary>
    public static ActorOption Duration(string name) =>
        new(name, "a time of 0 or more: a TimeSpan, milliseconds, or text such as 15s", ToMilliseconds);

    /// <summary>A whole number of 0 or more, kept as <see cref="int"/>, or null for without limit (also -1 and the text <c>unlimited</c>).</summary>
    public static ActorOption Count(string name) => new(name, "a whole number of 0 or more, or null for no limit", value => value switch
    {
        null or -1 or "unlimited" or "-1" => null,
        int number and >= 0 => number,
        long number and >= 0 and <= int.MaxValue => (int)number,
        string text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
        _ => Refused,
    });

    /// <summary>True or false.</summary>
    public static ActorOption Flag(string name) => new(name, "true or false", value => value switch
    {
        bool flag => flag,
        "true" or "on" or "yes" => true,
        "false" or "off" or "no" => false,
        _ => Refused,
    });

    /// <summary>The name of an actor, or null for none. A task's type stands for the name that the type says.</summary>
    public static ActorOption ActorName(string name) => new(name, "the name of a declared actor", value => value switch
    {
        null => null,
        Type task => TaskAttributeOptions.Of(task).Name ?? Binding.SnakeCase.From(task.Name),
        string { Length: > 0 } text => text,
        _ => Refused,
    });

    /// <summary>Any value of one C# type, or null: for what only code can give, such as a predicate.</summary>
    public static ActorOption Of<T>(string name, string expects) where T : class =>
        new(name, expects, value => value is null or T ? value : Refused);

    /// <summary>Anything that <paramref name="convert"/> takes.</summary>
    /// <param name="name">The name on the wire.</param>
    /// <param name="expects">What a value may be, for error texts.</param>
    /// <param name="convert">Gives the value as the middleware reads it, or <see cref="Refused"/>.</param>
    public static ActorOption Custom(string name, string expects, Func<object?, object?> convert) => new(name, expects, convert);

    /// <summary>What a conversion gives back for a value that the option does not take.</summary>
    public static object Refused { get; } = new();

    /// <summary>The value as the middleware reads it.</summary>
    /// <exception cref="DeclarationException">The option does not take it; the text names the actor, the option and the value.</exception>
    internal object? Convert(string actor, object? value)
    {
        var converted = _convert(value);
        return ReferenceEquals(converted, Refused)
            ? throw new DeclarationException($"Actor '{actor}': option '{Name}' takes {Expects}, and was given '{value ?? "null"}'.")
            : converted;
    }

    private static object? ToMilliseconds(object? value) => value switch
    {
        null => null,
        TimeSpan span when span == Timeout.InfiniteTimeSpan => double.PositiveInfinity,
        TimeSpan span when span >= TimeSpan.Zero => span.TotalMilliseconds,
        -1 or -1L => double.PositiveInfinity,
        int and >= 0 or long and >= 0 => System.Convert.ToDouble(value, CultureInfo.InvariantCulture),
        double number and >= 0 => number,
        "infinite" or "inf" => double.PositiveInfinity,
        string text when DurationText.TryParse(text, out var span) => span.TotalMilliseconds,
        _ => Refused,
    };
}
