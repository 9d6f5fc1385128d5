namespace Dramatiq.Akka.Inspection;

/// <summary>A question: the Akka actors of this library in this process, as a tree. Answered with <see cref="ActorTree"/>.</summary>
/// <param name="Path">Where to begin, beneath <c>/user</c>: <c>dramatiq/default/workers</c>, for instance. Empty for everything that this library started.</param>
/// <param name="Depth">How many levels: 1 to 10.</param>
/// <param name="MostChildren">How many children of each are listed at the most: 1 to 1,000.</param>
public sealed record GetActorTree(string Path = "", int Depth = 4, int MostChildren = 100) : IQuestion<ActorTree>;

/// <summary>The tree.</summary>
/// <param name="Roots">The actors that the question began with.</param>
public sealed record ActorTree(IReadOnlyList<ActorTreeNode> Roots);

/// <summary>One Akka actor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Path">Its path without the address.</param>
/// <param name="Type">The class that it runs.</param>
/// <param name="Mailbox">How many messages wait in its mailbox.</param>
/// <param name="ChildCount">How many children it has, listed or not.</param>
/// <param name="Children">The children, as far as depth and number allow.</param>
public sealed record ActorTreeNode(string Name, string Path, string Type, int Mailbox, int ChildCount, IReadOnlyList<ActorTreeNode> Children);
