using System.Diagnostics;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Telemetry;

/// <summary>Listens to the library's spans, and to those of a caller, whose source is <see cref="Caller"/>.</summary>
internal sealed class Spans : IDisposable
{
    public static readonly ActivitySource Caller = new("caller");

    private readonly Feed<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public Spans()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name is DramatiqTelemetry.ActivitySourceName or "caller",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Add,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IReadOnlyList<Activity> All => _ended.All;

    /// <summary>The first of this name that ends, or has ended.</summary>
    public Task<Activity> NamedAsync(string name) => _ended.FirstAsync(span => span.DisplayName == name);

    public Task<IReadOnlyList<Activity>> NamedAsync(string name, int count) => _ended.AtLeastAsync(count, span => span.DisplayName == name);

    public void Dispose() => _listener.Dispose();
}
