using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Commands;
using static Dramatiq.Akka.Management.Commands.CommandParameterType;

namespace Dramatiq.Akka.Management.Api;

/// <summary>Every question and order of the inspection with its name, its address and its help: what is served and what is published is this one table.</summary>
internal static class BuiltInCommands
{
    private static readonly CommandParameter Queue = new("queue", "The queue, without .DQ or .XQ.", IsRequired: true);
    private static readonly CommandParameter SomeQueue = Queue with { Help = "The queue; every one without.", IsRequired = false };
    private static readonly CommandParameter Everywhere = new("everywhere", "For every process, also those that start later; else for this one alone.", Flag);
    private static readonly CommandParameter Place = new("place", "Where to look.", Choices: ["ready", "delayed", "inHand", "dead"], IsRequired: true);
    private static readonly CommandParameter DropPlace = new("place", "Where.", Choices: ["ready", "delayed", "dead"], IsRequired: true);

    public static IReadOnlyList<BuiltInCommand> All { get; } =
    [
        Question<GetNode, NodeReport>("node show", "This process, its broker and its gateway.", "api/node", []),
        Order<DrainNode, NodeReport>("node drain", "Drains this process: it takes no more messages, and finishes or hands back what it has. It cannot be undone.", "api/node/drain", [], destroys: true),

        Question<GetQueues, QueueList>("queue list", "Every queue, what it holds and what went through it here.", "api/queues", []),
        Question<GetQueue, QueueReport>("queue show", "One queue.", "api/queues/{queue}", [Queue]),
        Question<GetHistory, TrafficHistory>("queue history", "What went through this process over the last hour.", "api/history", [SomeQueue]),
        Order<PauseQueue, QueuePauses>("queue pause", "Takes nothing more from a queue.", "api/queues/{queue}/pause", [Queue, Everywhere]),
        Order<ResumeQueue, QueuePauses>("queue resume", "Takes messages from a queue again.", "api/queues/{queue}/resume", [Queue, Everywhere]),
        Order<PurgeQueue, MessagesAnswer>("queue purge", "Drops everything that waits in one place of a queue.", "api/queues/{queue}/purge", [Queue, DropPlace], destroys: true),

        Question<GetConsumers, ConsumerList>("consumer list", "The consumers of this process.", "api/consumers", []),
        Question<GetWorkers, PoolList>("worker list", "The workers of this process, and what each runs.", "api/workers", [SomeQueue]),
        Order<ScaleWorkers, WorkersScaled>(
            "worker scale", "Has this many workers for a queue in this process.", "api/queues/{queue}/scale", [Queue, new("workers", "How many: 1 to 100,000.", WholeNumber, IsRequired: true)]),

        Question<GetMessages, MessagePage>("message list", "Messages of a queue, a page of them.", "api/queues/{queue}/messages", [Queue, Place, .. Page, .. FilterArguments.Parameters]),
        Question<CountMessages, MessageCount>("message count", "How many messages match.", "api/queues/{queue}/messages/count", [Queue, Place, .. FilterArguments.Parameters]),
        new BuiltInCommand<GetMessage, MessageAnswer>(
            Of("message show", "One message whole, and its life.", "api/messages/{id}", [new("id", "A key or a message_id.", IsRequired: true), SomeQueue, Place with { IsRequired = false }]),
            static answer => answer.Message is not null || answer.Life is not null),
        new BuiltInCommand<GetLife, LifeAnswer>(
            Of("message life", "What a message has been through.", "api/lives/{messageId}", [new("messageId", "The message_id.", IsRequired: true)]), static answer => answer.Life is not null),
        Order<DeleteMessages, MessagesAnswer>(
            "message delete", "Drops messages that wait, are delayed, or dead.", "api/queues/{queue}/delete", [Queue, DropPlace, .. FilterArguments.OrderParameters], destroys: true),
        Order<RunNow, MessagesAnswer>("message run-now", "Runs delayed messages now.", "api/queues/{queue}/run-now", [Queue, .. FilterArguments.OrderParameters]),
        Order<RequeueDead, MessagesAnswer>("dead requeue", "Puts dead letters back into their queue, as new.", "api/queues/{queue}/requeue", [Queue, .. FilterArguments.OrderParameters]),
        Order<EnqueueMessage, MessageEnqueued>("enqueue", "Enqueues a message.", "api/enqueue", Enqueue),

        Question<GetActors, ActorList>("actor list", "The declared actors with their options and stages.", "api/actors", []),
        Question<GetActorTree, ActorTree>("actor tree", "The Akka actors of this library in this process.", "api/tree", Tree),
    ];

    private static CommandParameter[] Page =>
    [
        new("offset", "How many to pass over: the nextOffset of the page before.", WholeNumber, Default: "0"),
        new("count", "How many to give at the most: 1 to 1,000.", WholeNumber, Default: "50"),
        new("lookAtMost", "How many to look at in search of those that match.", WholeNumber, Default: "10000"),
    ];

    private static CommandParameter[] Enqueue =>
    [
        new("actorName", "The actor.", IsRequired: true),
        new("args", "The positional arguments: a JSON array.", Json, Default: "[]"),
        new("kwargs", "The named arguments: a JSON object.", Json, Default: "{}"),
        new("options", "Options of this message alone: a JSON object.", Json, Default: "{}"),
        SomeQueue with { Help = "The queue; that of the declared actor without." },
        new("delayMs", "How long it waits before it may run, in milliseconds.", WholeNumber),
    ];

    private static CommandParameter[] Tree =>
    [
        new("path", "Where to begin, beneath /user; everything of this library without.", Default: ""),
        new("depth", "How many levels: 1 to 10.", WholeNumber, Default: "4"),
        new("mostChildren", "How many children of each: 1 to 1,000.", WholeNumber, Default: "100"),
    ];

    private static BuiltInCommand<TQuestion, TAnswer> Question<TQuestion, TAnswer>(string name, string help, string path, CommandParameter[] parameters)
        where TQuestion : IQuestion<TAnswer>
        where TAnswer : class =>
        new(Of(name, help, path, parameters));

    private static BuiltInCommand<TOrder, TAnswer> Order<TOrder, TAnswer>(string name, string help, string path, CommandParameter[] parameters, bool destroys = false)
        where TOrder : IOrder<TAnswer>
        where TAnswer : class =>
        new(new CommandDescription(name, help, "POST", path, IsOrder: true, destroys, IsBuiltIn: true, parameters));

    private static CommandDescription Of(string name, string help, string path, CommandParameter[] parameters) => new(name, help, "GET", path, false, false, true, parameters);
}
