using System.Text.Json;
using System.Text.Json.Nodes;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Commands;

namespace Dramatiq.Akka.Management.Api;

/// <summary>A command of the library: a question or an order to the inspection, and where it is found.</summary>
internal abstract class BuiltInCommand(CommandDescription description)
{
    public CommandDescription Description { get; } = description;

    /// <summary>Asks what the arguments say.</summary>
    /// <returns>The answer; null where there is nothing by that name.</returns>
    public abstract Task<object?> AskAsync(JsonObject arguments, IInspection inspection, CancellationToken cancellationToken);
}

/// <summary>The arguments are the question's own members by name; those of a filter are put together into one.</summary>
internal sealed class BuiltInCommand<TQuestion, TAnswer>(CommandDescription description, Func<TAnswer, bool>? found = null) : BuiltInCommand(description)
    where TQuestion : IQuestion<TAnswer>
    where TAnswer : class
{
    private readonly bool _takesFilter = FilterArguments.Has(description);

    public override async Task<object?> AskAsync(JsonObject arguments, IInspection inspection, CancellationToken cancellationToken)
    {
        if (_takesFilter)
            FilterArguments.Gather(arguments);
        TQuestion question;
        try
        {
            question = arguments.Deserialize<TQuestion>(InspectionJson.Options)!;
        }
        catch (JsonException wrong)
        {
            throw new InspectionException(InspectionFailure.Invalid, $"'{Description.Name}' cannot be asked so: {wrong.Message}", wrong);
        }

        var answer = await inspection.AskAsync(question, cancellationToken).ConfigureAwait(false);
        return found is null || found(answer) ? answer : null;
    }
}
