using Dramatiq.Akka.Brokers;

namespace Dramatiq.Akka.Inspection;

// IQuestion --> who knows it --> its answer, or Status.Failure with an InspectionException
internal sealed class InspectionActor : ReceiveActor
{
    private readonly InspectionParts _parts;
    private readonly ActorList _actors;
    private readonly ActorTreeWalk _tree = new(Context.System);

    public InspectionActor(InspectionParts parts)
    {
        _parts = parts;
        _actors = ActorAnswers.List(parts.Declarations);
        Receive<IQuestion>(OnQuestion);
    }

    public static Props Create(InspectionParts parts) => Props.Create(() => new InspectionActor(parts));

    /// <summary>What takes time is piped to whoever asked, so that a slow broker keeps nobody else waiting.</summary>
    private void OnQuestion(IQuestion question)
    {
        var asker = Sender;
        AnswerAsync(question).PipeTo(asker, Self, failure: error => new Status.Failure(InspectionFailures.Of(error, _parts.Broker)));
    }

    private Task<object> AnswerAsync(IQuestion question)
    {
        try
        {
            return question switch
            {
                GetActors => Task.FromResult<object>(_actors),
                GetActorTree tree => Task.FromResult<object>(_tree.Walk(tree)),
                _ => throw new InspectionException(InspectionFailure.NotSupported, $"{question.GetType().Name} is not known here."),
            };
        }
        catch (Exception error)
        {
            return Task.FromException<object>(error);
        }
    }
}
