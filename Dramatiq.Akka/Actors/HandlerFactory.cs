using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka.Actors;

/// <summary>How the Akka actor that runs a declared actor's messages comes to be: one object for each handler class or delegate.</summary>
internal abstract class HandlerFactory(string? dispatcher)
{
    /// <summary>The place of its actor among a worker's children, and so unique among the factories of one system.</summary>
    public int Index { get; internal set; } = -1;

    /// <summary>A name for paths and logs.</summary>
    public abstract string Name { get; }

    /// <summary>Whether a new instance is built for each message.</summary>
    public virtual bool FreshForEachMessage => false;

    /// <summary>The dispatcher its actor runs on; null for the default one.</summary>
    public string? Dispatcher => dispatcher;

    public Props Create(IServiceProvider services) => dispatcher is null ? PropsOf(services) : PropsOf(services).WithDispatcher(dispatcher);

    protected abstract Props PropsOf(IServiceProvider services);
}

/// <summary>A class derived from <see cref="TaskActor"/>, built by DI.</summary>
internal sealed class TaskActorFactory(Type type, bool freshForEachMessage, string? dispatcher) : HandlerFactory(dispatcher)
{
    private readonly ObjectFactory _build = ActivatorUtilities.CreateFactory(type, Type.EmptyTypes);

    public override string Name => type.Name;

    public override bool FreshForEachMessage => freshForEachMessage;

    protected override Props PropsOf(IServiceProvider services) => Props.CreateBy(new Producer(type, _build, services));

    /// <summary>Builds an instance in a DI scope that lives as long as the instance.</summary>
    private sealed class Producer(Type type, ObjectFactory build, IServiceProvider services) : IIndirectActorProducer
    {
        public Type ActorType => type;

        public ActorBase Produce()
        {
            var scope = services.CreateAsyncScope();
            try
            {
                var actor = (TaskActor)build(scope.ServiceProvider, null);
                actor.OwnScope = scope;
                return actor;
            }
            catch
            {
                _ = Workers.Disposal.InBackground(scope);   // not Dispose: what it holds may only be disposed asynchronously
                throw;
            }
        }

        public void Release(ActorBase actor)
        {
            // The actor gives its scope back in PostStop, where what it holds is of no more use.
        }
    }
}

/// <summary>A delegate.</summary>
internal sealed class DelegateFactory(string name, Binding.DelegateSignature signature, string? dispatcher) : HandlerFactory(dispatcher)
{
    public override string Name => name;

    public Binding.DelegateSignature Signature => signature;

    protected override Props PropsOf(IServiceProvider services) => Props.Create(() => new DelegateHandler(signature));
}
