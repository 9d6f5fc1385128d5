using System.Text.Json;

namespace Dramatiq.Akka.Inspection;

/// <summary>A question: the actors that are declared in this process, in Dramatiq's sense. Answered with <see cref="ActorList"/>.</summary>
public sealed record GetActors : IQuestion<ActorList>;

/// <summary>The declared actors, by name.</summary>
/// <param name="Actors">One report for each.</param>
public sealed record ActorList(IReadOnlyList<ActorReport> Actors);

/// <summary>A declared actor.</summary>
/// <param name="Name">The <c>actor_name</c> on the wire.</param>
/// <param name="Queue">The canonical queue.</param>
/// <param name="Priority">Lower runs first.</param>
/// <param name="RunsHere">Whether this process runs it; else it is declared only to be sent to.</param>
/// <param name="TaskType">The C# type of the task, with its namespace; null for a delegate or a remote actor.</param>
/// <param name="Parameters">The parameters of a task, in order, each as <c>name: type</c>; empty where they are not known.</param>
/// <param name="Options">Its own options by wire name; what is not there has the middleware's default.</param>
/// <param name="Stages">The stages that its messages pass, in order, when a message brings no options of its own.</param>
public sealed record ActorReport(
    string Name,
    string Queue,
    int Priority,
    bool RunsHere,
    string? TaskType,
    IReadOnlyList<string> Parameters,
    IReadOnlyDictionary<string, JsonElement> Options,
    IReadOnlyList<string> Stages);
