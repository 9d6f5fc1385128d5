using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>A count, and how far it goes.</summary>
/// <param name="Number">Null when nothing is known.</param>
/// <param name="IsPartial">Whether there may be more, in queues of which it is not known.</param>
/// <param name="IsHere">Whether it is of this process alone.</param>
internal readonly record struct Total(long? Number, bool IsPartial = false, bool IsHere = false)
{
    public static implicit operator Total(long? number) => new(number);

    public static Total Of(IReadOnlyList<QueueReport> queues, Func<QueueReport, long?> count)
    {
        var known = queues.Select(count).OfType<long>().ToList();
        return known.Count == 0 ? default : new Total(known.Sum(), known.Count < queues.Count);
    }

    /// <summary>What is in the hands of consumers: RabbitMQ does not tell of those of other processes.</summary>
    public static Total InFlight(QueueReport queue) => queue.InFlight is { } all ? new Total(all) : new Total(queue.Consumer?.InFlight, IsHere: queue.Consumer is not null);

    public static Total InFlight(IReadOnlyList<QueueReport> queues)
    {
        var consumed = queues.Where(static queue => queue.Consumer is not null).ToList();
        return consumed.Count > 0 && queues.All(static queue => queue.InFlight is null)
            ? new Total(consumed.Sum(static queue => (long)queue.Consumer!.InFlight), IsHere: true)
            : Of(queues, static queue => queue.InFlight ?? queue.Consumer?.InFlight) with { IsPartial = queues.Any(static queue => queue.InFlight is null) && queues.Any(static queue => queue.InFlight is not null) };
    }
}
