using Dramatiq.Akka.Actors.Binding;

namespace Dramatiq.Akka.Tests.Actors.Binding;

public sealed class SnakeCaseSpec
{
    [Theory]
    [InlineData("CountWords", "count_words")]
    [InlineData("HTTPServer", "http_server")]
    [InlineData("userID", "user_id")]
    [InlineData("already_snake", "already_snake")]
    [InlineData("x", "x")]
    [InlineData("", "")]
    public void Names_must_be_written_as_in_Python(string name, string expected) => Assert.Equal(expected, SnakeCase.From(name));
}
