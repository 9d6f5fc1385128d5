namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>The steps of rate limits, each of them one script.</summary>
internal static class RateLimitScripts
{
    public static readonly RedisScript Increment = RedisScript.Load("limit-increment");
    public static readonly RedisScript Decrement = RedisScript.Load("limit-decrement");
    public static readonly RedisScript Bucket = RedisScript.Load("limit-bucket");
    public static readonly RedisScript Window = RedisScript.Load("limit-window");
    public static readonly RedisScript Take = RedisScript.Load("limit-take");
    public static readonly RedisScript Renew = RedisScript.Load("limit-renew");
    public static readonly RedisScript Release = RedisScript.Load("limit-release");
    public static readonly RedisScript Arrive = RedisScript.Load("limit-arrive");
    public static readonly RedisScript Notify = RedisScript.Load("limit-notify");
}
