namespace Dramatiq.Akka.Enqueueing;

/// <summary>Until when something may wait for the broker, as timestamps of the time provider.</summary>
internal sealed class Deadlines(TimeSpan timeout, TimeProvider time)
{
    private readonly long _timeout = (long)(timeout.TotalSeconds * time.TimestampFrequency);

    public long Now => time.GetTimestamp();

    public long FromNow() => Now + _timeout;
}
