namespace Dramatiq.Akka.Brokers;

/// <summary>
/// A broker that holds a delayed message itself and puts it into <c>q</c> when it is due, so that a publication with an
/// eta needs no consumer of <c>q.DQ</c>. Without this, delayed messages go to <c>q.DQ</c> as Python's Dramatiq puts them there.
/// </summary>
public interface IDelaysNatively : IBroker;
