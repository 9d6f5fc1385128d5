namespace Dramatiq.Akka;

/// <summary>Says that a <see cref="TaskActor"/> runs tasks of type <typeparamref name="TTask"/>, so that the class can be declared by its name alone.</summary>
/// <typeparam name="TTask">The task.</typeparam>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class HandlesAttribute<TTask> : Attribute where TTask : notnull;
