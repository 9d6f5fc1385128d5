using BenchmarkDotNet.Attributes;
using Dramatiq.Akka.Actors.Binding;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>Encode, decode and bind of one message of about 180 bytes.</summary>
[MemoryDiagnoser]
public class Micro
{
    private readonly byte[] _body = """{"queue_name":"default","actor_name":"count_words","args":["http://example.com/some/page",3],"kwargs":{},"options":{},"message_id":"501fff98-6417-48ff-8c93-cd6e5b532d1c","message_timestamp":1795354555834}"""u8.ToArray();
    private readonly CountWords _task = new("http://example.com/some/page", 3);
    private readonly TaskSignature _signature = new(typeof(CountWords), "count_words", WireJson.Default);
    private readonly WireWriter _writer = new();
    private Message _message = null!;

    /// <summary>A task with two arguments.</summary>
    public sealed record CountWords(string Url, int Depth);

    /// <summary>Decodes the message once.</summary>
    [GlobalSetup]
    public void Setup() => _message = Message.Decode(_body);

    /// <summary>Bytes to message.</summary>
    [Benchmark]
    public object Decode() => Message.Decode(_body);

    /// <summary>Message to bytes.</summary>
    [Benchmark]
    public object Encode() => _message.Encode();

    /// <summary>Arguments to task.</summary>
    [Benchmark]
    public object Bind() => _signature.Bind(_message);

    /// <summary>Task to arguments.</summary>
    [Benchmark]
    public int WriteArgs()
    {
        _writer.Clear();
        _signature.WriteArgs(_writer, _task);
        return _writer.Written.Length;
    }
}
