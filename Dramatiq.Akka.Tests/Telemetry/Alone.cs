namespace Dramatiq.Akka.Tests.Telemetry;

/// <summary>For tests that export metrics: an exporter takes the meters of all hosts of the process for one, so hosts of other tests must not come and go meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
