using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>What to do.</summary>
internal sealed record WorkOptions(string Work, string Broker, int Messages, int Concurrency, bool Raw = false, bool Foreign = false, bool Results = false);

/// <summary>What came of it. The baseline is the same work without us, in the same process right before.</summary>
internal sealed record WorkResult(WorkOptions Options, double Seconds)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public double? P50Ms { get; init; }

    public double? P99Ms { get; init; }

    public string? Baseline { get; init; }

    public double? BaselinePerSecond { get; init; }

    public double? BaselineSeconds { get; init; }

    public double? BaselineP50Ms { get; init; }

    public double? BaselineP99Ms { get; init; }

    public double? BytesPerMessage { get; init; }

    public double? CpuMicrosPerMessage { get; init; }

    public double? BaselineCpuMicrosPerMessage { get; init; }

    /// <summary>Of the process that did the work, where that was not this one.</summary>
    public double? PeakRssMb { get; init; }

    /// <summary>The median of what each pair of runs gave, ours by the baseline's: for a machine that others use too.</summary>
    public double? PairedRatio { get; init; }

    /// <summary>The same for the processor time of this process.</summary>
    public double? PairedCpuRatio { get; init; }

    public double? StartSeconds { get; init; }

    public double? MemoryMb { get; init; }

    /// <summary>Of this process, for each message.</summary>
    public double? CpuMicroseconds { get; init; }

    public double? BaselineCpuMicroseconds { get; init; }

    public string ToJson() => JsonSerializer.Serialize(new
    {
        Options.Work,
        Options.Broker,
        Options.Messages,
        Options.Concurrency,
        Seconds = Math.Round(Seconds, 3),
        PerSecond = Math.Round(Options.Messages / Seconds),
        P50Ms = Rounded(P50Ms),
        P99Ms = Rounded(P99Ms),
        PeakRssMb = PeakRssMb ?? PeakMemory.Read(),
        Baseline,
        BaselinePerSecond = BaselinePerSecond is { } rate ? Math.Round(rate) : (double?)null,
        BaselineSeconds = Rounded(BaselineSeconds),
        BaselineP50Ms = Rounded(BaselineP50Ms),
        BaselineP99Ms = Rounded(BaselineP99Ms),
        Ratio = BaselineP50Ms is { } rawP50 ? Math.Round(P50Ms!.Value / rawP50, 3) : BaselinePerSecond is { } bare ? Math.Round(Options.Messages / Seconds / bare, 3) : BaselineSeconds is { } bareSeconds ? Math.Round(Seconds / bareSeconds, 3) : (double?)null,
        BytesPerMessage = BytesPerMessage is { } bytes ? Math.Round(bytes) : (double?)null,
        CpuMicrosPerMessage = CpuMicrosPerMessage is { } micros ? Math.Round(micros, 1) : (double?)null,
        BaselineCpuMicrosPerMessage = BaselineCpuMicrosPerMessage is { } bareMicros ? Math.Round(bareMicros, 1) : (double?)null,
        PairedRatio = Rounded(PairedRatio),
        PairedCpuRatio = Rounded(PairedCpuRatio),
        StartSeconds = Rounded(StartSeconds),
        MemoryMb = Rounded(MemoryMb),
        CpuMicroseconds = Rounded(CpuMicroseconds),
        BaselineCpuMicroseconds = Rounded(BaselineCpuMicroseconds),
    }, Format);

    private static double? Rounded(double? value) => value is { } number ? Math.Round(number, 4) : null;
}
