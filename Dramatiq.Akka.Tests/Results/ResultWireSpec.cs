using System.Text;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Results;

namespace Dramatiq.Akka.Tests.Results;

/// <summary>Keys and values as Python's Dramatiq writes them.</summary>
public sealed class ResultWireSpec
{
    public static TheoryData<int> Vectors => new(Enumerable.Range(0, ResultVectors.All.Count));

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Key_must_be_the_one_of_Python(int index)
    {
        var vector = ResultVectors.All[index];
        Assert.Equal(vector.Key, ResultKey.Of(vector.Message).ToText("dramatiq-results", vector.HasReadableKeys));
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Value_must_be_stored_as_Python_stores_it(int index)
    {
        var vector = ResultVectors.All[index];
        if (vector.Exception is var (type, message))
        {
            Assert.Equal(vector.Stored, FailureJson.Write(type, message));
            return;
        }

        // What Python returned, as a handler here would return it.
        var value = WireJson.Default.Read<object>(Encoding.UTF8.GetBytes(vector.Value!));
        var writer = new WireWriter();
        WireJson.Default.Write(writer, value);
        Assert.Equal(vector.Stored, writer.ToArray());
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Value_must_be_read_as_Python_reads_it(int index)
    {
        var vector = ResultVectors.All[index];
        var result = new TaskResult(ResultKey.Of(vector.Message), vector.Stored, WireJson.Default);
        Assert.Equal(vector.Exception is null, result.IsSuccess);
        if (vector.Exception is var (type, message))
        {
            var failure = Assert.Throws<ResultFailureException>(() => result.Value<object?>());
            Assert.Equal((type, message), (failure.ErrorType, failure.ErrorMessage));
            Assert.Equal($"add {vector.Message.MessageId} on math failed: {type}: {message}", failure.Message);
        }
        else
        {
            Assert.Equal(Encoding.UTF8.GetString(vector.Stored), result.Value<JsonText>().ToString());
        }
    }

    [Theory]
    [InlineData("""{"exn":{"msg":"m","type":"T"},"__t":"dramatiq.results.Result"}""", true, "T", "m")]
    [InlineData("""{"__t":"dramatiq.results.Result","exn":{"type":"T","msg":"m","more":[1]},"more":{}}""", true, "T", "m")]
    [InlineData("""{"__t":"dramatiq.results.Result"}""", true, "Exception", "")]
    [InlineData("""{"__t":"dramatiq.results.Result","exn":{"type":1,"msg":null}}""", true, "Exception", "")]
    [InlineData("""{"__t":"another","exn":{"type":"T","msg":"m"}}""", false, "T", "m")]
    [InlineData("""{"__t":7}""", false, "Exception", "")]
    [InlineData("{}", false, "Exception", "")]
    [InlineData("[]", false, "Exception", "")]
    [InlineData("NaN", false, "Exception", "")]
    public void Failure_must_be_told_from_a_value_by_its_mark(string json, bool isFailure, string type, string message)
    {
        Assert.Equal(isFailure, FailureJson.TryRead(Encoding.UTF8.GetBytes(json), out var readType, out var readMessage));
        Assert.Equal((type, message), (readType, readMessage));
    }

    [Fact]
    public void Key_must_be_of_the_canonical_queue()
    {
        var message = ResultVectors.All[0].Message;
        Assert.Equal(ResultKey.Of(message), ResultKey.Of(message.With(queueName: "math.DQ")));
        Assert.Equal(ResultKey.Of(message), ResultKey.Of(new Enqueued(message.MessageId, "math", "add")));
    }
}
