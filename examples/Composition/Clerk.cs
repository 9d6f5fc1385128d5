using System.Globalization;

namespace Dramatiq.Akka.Bookshop;

/// <summary>What a book costs.</summary>
[Task(MaxRetries = 0)]
internal sealed record Price(string Title);

/// <summary>What all of them cost; the prices come from the step before.</summary>
internal sealed record Total(IReadOnlyList<decimal>? Prices = null);

/// <summary>The receipt; the total comes from the step before.</summary>
internal sealed record Receipt(string Customer, decimal Total = 0);

/// <summary>Runs the tasks.</summary>
internal sealed class Clerk : TaskActor
{
    private static readonly Dictionary<string, decimal> Prices = new(StringComparer.Ordinal) { ["Emma"] = 9.50m, ["Ulysses"] = 14.25m, ["Walden"] = 7m };

    public Clerk()
    {
        Receive<Price, decimal>(static task => Prices.TryGetValue(task.Title, out var price) ? price : throw new KeyNotFoundException($"there is no '{task.Title}'."));
        Receive<Total, decimal>(static task => task.Prices!.Sum());
        Receive<Receipt, string>(static task => string.Create(CultureInfo.InvariantCulture, $"{task.Customer} pays {task.Total:0.00}."));
    }
}
