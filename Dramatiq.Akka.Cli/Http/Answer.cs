using System.Text.Json;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Http;

/// <summary>What the host answered: the JSON as it came, and the record that it is.</summary>
internal sealed class Answer<T>(JsonElement json, Uri url) where T : class
{
    private T? _value;

    public JsonElement Json => json;

    /// <exception cref="CommandFailure">The host is of a version whose answers have another form.</exception>
    public T Value => _value ??= Read();

    private T Read()
    {
        try
        {
            return json.Deserialize<T>(InspectionJson.Options) ?? throw new JsonException("It is null.");
        }
        catch (JsonException wrong)
        {
            throw new CommandFailure(
                ExitCodes.Failed, $"What {url} answered is not understood: {wrong.Message}", "It may be of another version than this command (`dramatiq --version`). --json shows the answer as it is.");
        }
    }
}
