using System.Globalization;
using System.Text;
using Akka.Configuration;
using Akka.Hosting;
using Dramatiq.Akka.Management.Commands;

namespace Dramatiq.Akka;

/// <summary>The C# face of the keys under <c>dramatiq.management</c> in HOCON, and what HOCON cannot say. What is left null keeps what HOCON says; what is set comes before it.</summary>
public sealed class ManagementOptions
{
    private readonly List<AddedCommand> _commands = [];

    /// <summary>Whether the process listens by itself. Default true; of no meaning for <c>MapDramatiq</c>.</summary>
    public bool? Enabled { get; set; }

    /// <summary>An IP address, <c>localhost</c>, or <c>*</c> for every address of the machine. Default <c>127.0.0.1</c>.</summary>
    public string? Host { get; set; }

    /// <summary>Default 9110; 0 for any free port.</summary>
    public int? Port { get; set; }

    /// <summary>What every address begins with, when the process listens by itself. Default <c>/</c>.</summary>
    public string? Path { get; set; }

    /// <summary>Whoever shows it may look. 16 characters or more. Default none: whoever is on this machine may look and order.</summary>
    public string? Token { get; set; }

    /// <summary>Whoever shows it may look and order. 16 characters or more. Default none.</summary>
    public string? OrderToken { get; set; }

    /// <summary>The authorization policy that orders need, by its name in the web app. Default none. For <c>MapDramatiq</c> only.</summary>
    public string? OrderPolicy { get; set; }

    /// <summary>Whether orders are refused, whoever gives them. Default false.</summary>
    public bool? ReadOnly { get; set; }

    /// <summary>How often listeners are told what the queues hold. Default 1 s.</summary>
    public TimeSpan? LiveInterval { get; set; }

    internal IReadOnlyList<AddedCommand> Commands => _commands;

    /// <summary>
    /// Adds a command of the application's own. The host publishes it with its help and parameters, and the command line offers it.
    /// </summary>
    /// <param name="name">One or more words in lower case: <c>cache flush</c>.</param>
    /// <param name="help">What it does, in a sentence.</param>
    /// <param name="handler">
    /// What to run. Its parameters are the command's: text, numbers, booleans, times, enumerations, arrays of them; <c>[Description]</c> gives their help, a default makes them optional.
    /// A <see cref="CancellationToken"/>, an <see cref="IServiceProvider"/> (with a scope for this call), an <see cref="Inspection.IInspection"/>, an <see cref="ITaskQueue"/>,
    /// an <see cref="ActorSystem"/>, or what <see cref="FromServicesAttribute"/> marks is filled in. A string that it returns is shown as it is, anything else as JSON.
    /// </param>
    /// <param name="isOrder">Whether it changes something, and so needs the permission to order.</param>
    /// <param name="destroys">Whether it takes away what cannot be had back, so that a client asks before.</param>
    /// <exception cref="DeclarationException">The name cannot be used or is taken, or a parameter is of a type that no text can give.</exception>
    public ManagementOptions AddCommand(string name, string help, Delegate handler, bool isOrder = true, bool destroys = false)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentException.ThrowIfNullOrEmpty(help);
        ArgumentNullException.ThrowIfNull(handler);
        if (_commands.Any(command => command.Description.Name == name))
            throw new DeclarationException($"Command '{name}' is added twice. Give one another name.");

        _commands.Add(new AddedCommand(name, help, handler, isOrder, destroys));
        return this;
    }

    /// <summary>The HOCON of what is set.</summary>
    public Config ToHocon()
    {
        var lines = new StringBuilder();
        Write(lines, "enabled", Flag(Enabled));
        Write(lines, "host", Host?.ToHocon());
        Write(lines, "port", Port?.ToString(CultureInfo.InvariantCulture));
        Write(lines, "path", Path?.ToHocon());
        Write(lines, "token", Token?.ToHocon());
        Write(lines, "order-token", OrderToken?.ToHocon());
        Write(lines, "read-only", Flag(ReadOnly));
        Write(lines, "live-interval", LiveInterval is { } time ? string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalMilliseconds}ms") : null);
        return lines.Length == 0 ? Config.Empty : ConfigurationFactory.ParseString(lines.ToString());
    }

    private static string? Flag(bool? value) => value is { } flag ? flag ? "true" : "false" : null;

    private static void Write(StringBuilder lines, string key, string? value)
    {
        if (value is not null)
            lines.Append("dramatiq.management.").Append(key).Append(" = ").AppendLine(value);
    }
}
