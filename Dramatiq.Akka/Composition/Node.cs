using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Composition;

/// <summary>A pipeline or group whose tasks have become messages, which do not know of each other yet.</summary>
internal abstract record Node
{
    private Node()
    {
    }

    /// <summary>How many messages are the last of it: all of them must succeed for it to have succeeded.</summary>
    public abstract int Ends { get; }

    /// <summary>Whether the result of what comes before is left out.</summary>
    public abstract bool IgnoresPiped { get; }

    /// <summary>One message.</summary>
    /// <param name="Message">The message.</param>
    /// <param name="Actor">Its actor, where it is declared here.</param>
    /// <param name="HasOwnId">Whether the user gave it its id.</param>
    public sealed record Step(Message Message, DeclaredActor? Actor, bool HasOwnId) : Node
    {
        public override int Ends => 1;

        public override bool IgnoresPiped => Message.Options.IsTruthy(OptionNames.PipeIgnore);
    }

    /// <summary>One after the other.</summary>
    public sealed record Chain(IReadOnlyList<Node> Steps, IReadOnlyList<Message> OnFailure) : Node
    {
        public override int Ends => Steps[^1].Ends;

        public override bool IgnoresPiped => Steps[0].IgnoresPiped;
    }

    /// <summary>Side by side.</summary>
    public sealed record Side(IReadOnlyList<Node> Members, IReadOnlyList<Message> OnCompletion, IReadOnlyList<Message> OnFailure, IReadOnlyList<Message> OnEnd) : Node
    {
        public override int Ends => Members.Sum(static member => member.Ends);

        public override bool IgnoresPiped => Members.All(static member => member.IgnoresPiped);
    }
}
