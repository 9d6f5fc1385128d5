namespace Dramatiq.Akka;

/// <summary>
/// Fills a parameter of a handler from the services of the message's scope. The parameter is no argument: senders do not
/// know of it.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class FromServicesAttribute : Attribute;
