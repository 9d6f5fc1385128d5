using System.Text;
using Dramatiq.Akka.Actors.Binding;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Tests.Actors.Binding;

public sealed class TaskSignatureSpec
{
    private enum Level { Low, VeryHigh }

    private sealed record Count(string Path, int MaxDepth = 3, double? Weight = null);

    private sealed record Sum(string Label, params int[] Numbers);

    private sealed record Rich(
        Address Home, List<string> Tags, Dictionary<string, double> Scores, Level Level, DateTimeOffset When, Guid Id,
        object? Anything, JsonText Raw, int? Maybe = 7, Level Fallback = Level.VeryHigh, decimal Price = 1.5m, DateTimeOffset Until = default);

    private sealed record Address(string Street, double Distance);

    private sealed record Empty;

    [Theory]
    [InlineData("""["a"]""", "{}", "a", 3)]
    [InlineData("""["a",5]""", "{}", "a", 5)]
    [InlineData("[]", """{"path":"a"}""", "a", 3)]
    [InlineData("[]", """{"max_depth":5,"path":"a"}""", "a", 5)]
    [InlineData("""["a"]""", """{"max\u005fdepth":5}""", "a", 5)]
    public void Task_must_be_bound_by_position_name_and_default(string args, string kwargs, string path, int depth) =>
        Assert.Equal(new Count(path, depth), Bind<Count>(args, kwargs));

    [Fact]
    public void Task_must_take_the_rest_into_a_params_array()
    {
        Assert.Equal([1, 2, 3], Bind<Sum>("""["a",1,2,3]""").Numbers);
        Assert.Empty(Bind<Sum>("""["a"]""").Numbers);
        Assert.Equal([4], Bind<Sum>("""["a"]""", """{"numbers":[4]}""").Numbers);
        Assert.Equal("""["a",1,2]""", Written(new Sum("a", 1, 2)));
    }

    [Fact]
    public void Task_must_come_through_with_types_of_every_kind()
    {
        var task = Bind<Rich>("""
            [{"street":"s","distance":NaN},["a","\ud83d"],{"x":1,"y":Infinity},"very_high","2026-06-17T10:00:00+02:00",
             "0f8fad5b-d9cb-469f-a165-70867728950e",[1,{"a":2.0}],{ "k": NaN }]
            """);

        Assert.True(double.IsNaN(task.Home.Distance));
        Assert.Equal(["a", "\ud83d"], task.Tags);
        Assert.Equal(double.PositiveInfinity, task.Scores["y"]);
        Assert.Equal((Level.VeryHigh, Level.VeryHigh, 7, 1.5m, default), (task.Level, task.Fallback, task.Maybe, task.Price, task.Until));
        Assert.Equal(new DateTimeOffset(2026, 6, 17, 10, 0, 0, TimeSpan.FromHours(2)), task.When);
        Assert.Equal("{ \"k\": NaN }", task.Raw.ToString());
        Assert.Equal(1L, Assert.IsType<List<object?>>(task.Anything)[0]);
        Assert.Equal(
            """[{"street":"s","distance":NaN},["a","\ud83d"],{"x":1.0,"y":Infinity},"very_high","2026-06-17T10:00:00+02:00","0f8fad5b-d9cb-469f-a165-70867728950e",[1,{"a":2.0}],{ "k": NaN },7,"very_high",1.5,"0001-01-01T00:00:00+00:00"]""",
            Written(task));
    }

    [Fact]
    public void Task_without_arguments_must_be_bound_and_written()
    {
        Assert.Equal(new Empty(), Bind<Empty>("[]"));
        Assert.Equal("[]", Written(new Empty()));
    }

    [Theory]
    [InlineData("[12]", "{}", "count_words: parameter 'path' (string) cannot be read from 12: a string is expected.")]
    [InlineData("[null]", "{}", "count_words: parameter 'path' (string) cannot be read from null: a string is expected, and null is not allowed.")]
    [InlineData("""["a",1.0]""", "{}", "count_words: parameter 'max_depth' (int) cannot be read from 1.0: an integer is expected.")]
    [InlineData("[]", "{}", "count_words: missing argument 'path'. It takes (path: string, max_depth: int = 3, weight: double? = null).")]
    [InlineData("""["a"]""", """{"deep":1}""", "count_words: unexpected argument 'deep'. It takes (path: string, max_depth: int = 3, weight: double? = null).")]
    [InlineData("""["a",1,2,3]""", "{}", "count_words: too many positional arguments: 4. It takes (path: string, max_depth: int = 3, weight: double? = null).")]
    [InlineData("""["a"]""", """{"path":"b"}""", "count_words: argument 'path' is given twice, by position and by name. It takes (path: string, max_depth: int = 3, weight: double? = null).")]
    public void Arguments_that_do_not_fit_must_be_named(string args, string kwargs, string text)
    {
        var exception = Assert.Throws<ArgumentBindingException>(() => Bind<Count>(args, kwargs));

        Assert.Equal(text, exception.Message);
        Assert.Equal("count_words", exception.ActorName);
    }

    [Fact]
    public void Types_that_cannot_be_sent_must_be_refused_when_declared()
    {
        Assert.Equal(
            "lossy: Lossy has no public property 'secret' of type int for the parameter of that name, so the argument could not be sent. Add it, or make the type a record.",
            Assert.Throws<ArgumentException>(() => new TaskSignature(typeof(Lossy), "lossy", WireJson.Default)).Message);
        Assert.Equal(
            "twins: 2 parameters are called 'a_b' on the wire. Rename one of them.",
            Assert.Throws<ArgumentException>(() => new TaskSignature(typeof(Twins), "twins", WireJson.Default)).Message);
        Assert.StartsWith(
            "abstract: IDisposable has no public constructor",
            Assert.Throws<ArgumentException>(() => new TaskSignature(typeof(IDisposable), "abstract", WireJson.Default)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Signature_must_describe_its_parameters() =>
        Assert.Equal(
            [("path", typeof(string), false), ("max_depth", typeof(int), true), ("weight", typeof(double?), true)],
            new TaskSignature(typeof(Count), "count", WireJson.Default).Parameters.Select(each => (each.Name, each.Type, each.HasDefault)));

    private static T Bind<T>(string args, string kwargs = "{}") =>
        (T)new TaskSignature(typeof(T), "count_words", WireJson.Default).Bind(Arguments.Of(args, kwargs));

    private static string Written(object task)
    {
        var writer = new WireWriter();
        new TaskSignature(task.GetType(), "count_words", WireJson.Default).WriteArgs(writer, task);
        return Encoding.UTF8.GetString(writer.Written);
    }

    private sealed class Lossy(int secret)
    {
        public override string ToString() => $"{secret}";
    }

    private sealed record Twins(int AB, int A_B, int aB);
}
