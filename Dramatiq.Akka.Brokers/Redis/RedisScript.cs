using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>One Lua script: its text, and the hash that the server knows it by.</summary>
internal sealed class RedisScript
{
    public static readonly RedisScript Enqueue = Load("enqueue");
    public static readonly RedisScript Delay = Load("delay");
    public static readonly RedisScript Join = Load("join");
    public static readonly RedisScript Fetch = Load("fetch");
    public static readonly RedisScript Ack = Load("ack");
    public static readonly RedisScript Bury = Load("bury");
    public static readonly RedisScript Trim = Load("trim");
    public static readonly RedisScript GiveBack = Load("giveback");
    public static readonly RedisScript Reconcile = Load("reconcile");
    public static readonly RedisScript Leave = Load("leave");
    public static readonly RedisScript Beat = Load("beat");
    public static readonly RedisScript Scan = Load("scan");
    public static readonly RedisScript Reclaim = Load("reclaim");
    public static readonly RedisScript Forget = Load("forget");
    public static readonly RedisScript Due = Load("due");
    public static readonly RedisScript Sweep = Load("sweep");
    public static readonly RedisScript Index = Load("index");
    public static readonly RedisScript Promote = Load("promote");
    public static readonly RedisScript Info = Load("info");
    public static readonly RedisScript Peek = Load("peek");
    public static readonly RedisScript Lookup = Load("lookup");
    public static readonly RedisScript Drop = Load("drop");
    public static readonly RedisScript Pause = Load("pause");
    public static readonly RedisScript Live = Load("live");
    public static readonly RedisScript Revive = Load("revive");
    public static readonly RedisScript Purge = Load("purge");

    [SuppressMessage("Security", "CA5350", Justification = "This is how the server names scripts; no secret depends on it.")]
    private RedisScript(string name, string text)
    {
        Name = name;
        Text = text;
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
    }

    public string Name { get; }

    public string Text { get; }

    public byte[] Hash { get; }

    private static RedisScript Load(string name)
    {
        using var stream = typeof(RedisScript).Assembly.GetManifestResourceStream($"Dramatiq.Akka.Redis.{name}.lua")
            ?? throw new InvalidOperationException($"The script {name} is not in the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return new RedisScript(name, reader.ReadToEnd());
    }
}
