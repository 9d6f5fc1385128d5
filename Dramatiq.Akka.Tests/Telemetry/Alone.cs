namespace Dramatiq.Akka.Tests.Telemetry;

/// <summary>For tests of what the process has but once: its memory; and its metrics, for an exporter takes the meters of all hosts for one, so hosts of other tests must not come and go meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
