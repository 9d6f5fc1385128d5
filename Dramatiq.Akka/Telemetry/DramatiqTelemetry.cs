namespace Dramatiq.Akka;

/// <summary>The names that OpenTelemetry, or any other listener, is to be told. What comes of them is in docs/telemetry.md.</summary>
public static class DramatiqTelemetry
{
    /// <summary>The meter: <c>metrics.AddMeter(DramatiqTelemetry.MeterName)</c>.</summary>
    public const string MeterName = "Dramatiq.Akka";

    /// <summary>The source of spans: <c>tracing.AddSource(DramatiqTelemetry.ActivitySourceName)</c>.</summary>
    public const string ActivitySourceName = "Dramatiq.Akka";
}
