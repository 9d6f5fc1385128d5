using System.Text;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Actors.Binding;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.RateLimits;

/// <summary>The limit of one declared actor, and where in its messages the rest of the key is.</summary>
internal sealed class ActorLimit
{
    private readonly int _position;
    private readonly ReadOnlyMemory<byte> _name;
    private readonly string _otherwise;

    /// <exception cref="DeclarationException">The actor has no such argument.</exception>
    public ActorLimit(DeclaredActor actor, RateLimit limit)
    {
        Limit = limit;
        _otherwise = "";
        if (limit.Argument is not { } argument)
            return;

        var parameters = actor.Signature?.Parameters ?? (actor.Handler as DelegateFactory)?.Signature.Parameters ?? [];
        _position = parameters.ToList().FindIndex(parameter => parameter.Name == argument);
        if (_position < 0)
            throw new DeclarationException(
                $"Actor '{actor.Name}': its rate limit is per argument '{argument}', which it does not have (arguments: {string.Join(", ", parameters.Select(static parameter => parameter.Name))}). Correct the name.");

        _name = parameters[_position].Utf8Name;
        // As it would be on the wire: Python leaves a default out, and a task of ours writes it.
        _otherwise = parameters[_position].DefaultJson() is { } json ? Text(json.Span) : "";
    }

    public RateLimit Limit { get; }

    /// <summary>The key of what this message needs room under.</summary>
    public string KeyOf(Message message)
    {
        if (Limit.Argument is null)
            return Limit.Key;

        try
        {
            return $"{Limit.Key}:{ValueOf(message)}";
        }
        catch (DecodeException)
        {
            return Limit.Key;   // its arguments are no arguments, which its handler will say
        }
    }

    private string ValueOf(Message message)
    {
        var reader = new WireReader(message.Args.Span);
        reader.EnterArray();
        for (var at = 0; reader.NextItem(); at++)
        {
            var range = reader.Skip();
            if (at == _position)
                return Text(message.Args.Span[range]);
        }

        reader = new WireReader(message.Kwargs.Span);
        reader.EnterObject();
        while (reader.NextName(out ReadOnlySpan<byte> name))
        {
            var range = reader.Skip();
            if (name.SequenceEqual(_name.Span))
                return Text(message.Kwargs.Span[range]);
        }

        return _otherwise;
    }

    private static string Text(ReadOnlySpan<byte> json) => json[0] == (byte)'"' ? new WireReader(json).ReadString() : Encoding.UTF8.GetString(json);
}
