using Akka.Streams;
using Akka.Streams.Stage;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

// Connecting --channel open--> Publishing --upstream done, all answered--> complete ; any --channel lost--> failed
internal sealed class AmqpFlowStage(Func<CancellationToken, Task<IConnection>> connect, AmqpFlowSettings settings)
    : GraphStageWithMaterializedValue<FlowShape<AmqpPublication, AmqpPublished>, Task<AmqpEnd>>
{
    private readonly Inlet<AmqpPublication> _in = new("AmqpFlow.In");
    private readonly Outlet<AmqpPublished> _out = new("AmqpFlow.Out");

    public override FlowShape<AmqpPublication, AmqpPublished> Shape => new(_in, _out);

    public override ILogicAndMaterializedValue<Task<AmqpEnd>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var ended = new TaskCompletionSource<AmqpEnd>(TaskCreationOptions.RunContinuationsAsynchronously);
        return new LogicAndMaterializedValue<Task<AmqpEnd>>(new Logic(this, ended), ended.Task);
    }

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly AmqpFlowStage _stage;
        private readonly TaskCompletionSource<AmqpEnd> _ended;
        private readonly CancellationTokenSource _stopped = new();
        private readonly Queue<InFlight> _inFlight = new();
        private Action<InFlight> _answered = static _ => { };
        private ConfirmingChannel? _channel;

        public Logic(AmqpFlowStage stage, TaskCompletionSource<AmqpEnd> ended) : base(stage.Shape)
        {
            _stage = stage;
            _ended = ended;
            SetHandler(stage._in, this);
            SetHandler(stage._out, this);
        }

        private int MaxInFlight => _stage.Settings.MaxInFlight;

        public override void PreStart()
        {
            SetKeepGoing(true);
            _answered = GetAsyncCallback<InFlight>(OnAnswered);
            var opened = GetAsyncCallback<ConfirmingChannel>(OnOpened);
            var failed = GetAsyncCallback<Exception>(FailStage);
            var lost = GetAsyncCallback<AmqpEnd>(OnLost);
            _ = OpenAsync(opened, failed, lost);
        }

        public override void OnPush()
        {
            var entry = new InFlight(Grab(_stage._in));
            _inFlight.Enqueue(entry);
            _ = PublishAsync(_channel!, entry);
            PullIfRoom();
        }

        public override void OnPull() => PushAnswered();

        public override void OnUpstreamFinish() => CompleteIfDone();

        public override void PostStop()
        {
            _stopped.Cancel();
            _ended.TrySetResult(AmqpEnd.Ours);
            _ = _channel?.DisposeAsync().AsTask();
        }

        private void OnOpened(ConfirmingChannel channel)
        {
            _channel = channel;
            PullIfRoom();
            CompleteIfDone();
        }

        private void OnLost(AmqpEnd end)
        {
            _ended.TrySetResult(end);
            FailStage(new AmqpEndedException(end));
        }

        private void OnAnswered(InFlight entry)
        {
            if (entry.Failure is not (null or AmqpRefusedException))
            {
                if (entry.Failure is AmqpEndedException { End: var end })
                    _ended.TrySetResult(end);
                FailStage(entry.Failure);
                return;
            }

            entry.IsAnswered = true;
            PushAnswered();
        }

        private void PushAnswered()
        {
            if (_inFlight.TryPeek(out var oldest) && oldest.IsAnswered && IsAvailable(_stage._out))
            {
                _inFlight.Dequeue();
                Push(_stage._out, new AmqpPublished(oldest.Publication, oldest.Failure as AmqpRefusedException));
                PullIfRoom();
            }

            CompleteIfDone();
        }

        private void PullIfRoom()
        {
            if (_channel is not null && _inFlight.Count < MaxInFlight && !HasBeenPulled(_stage._in) && !IsClosed(_stage._in))
                Pull(_stage._in);
        }

        private void CompleteIfDone()
        {
            if (_inFlight.Count == 0 && IsClosed(_stage._in))
                CompleteStage();
        }

        private async Task OpenAsync(Action<ConfirmingChannel> opened, Action<Exception> failed, Action<AmqpEnd> lost)
        {
            try
            {
                var connection = await _stage.Connection(_stopped.Token).ConfigureAwait(false);
                var channel = await ConfirmingChannel.OpenAsync(connection, MaxInFlight, _stopped.Token).ConfigureAwait(false);
                opened(channel);
                if (await channel.Completion.ConfigureAwait(false) is { Kind: not AmqpEndKind.Closed } end)
                    lost(end);
            }
            catch (Exception error)
            {
                failed(error);
            }
        }

        private async Task PublishAsync(ConfirmingChannel channel, InFlight entry)
        {
            try
            {
                var failures = await channel.PublishAsync([entry.Publication], _stopped.Token).ConfigureAwait(false);
                entry.Failure = failures?[0];
            }
            catch (Exception error)
            {
                entry.Failure = error;
            }

            _answered(entry);
        }
    }

    private sealed class InFlight(AmqpPublication publication)
    {
        public AmqpPublication Publication => publication;

        public bool IsAnswered { get; set; }

        public Exception? Failure { get; set; }
    }

    private Func<CancellationToken, Task<IConnection>> Connection => connect;

    private AmqpFlowSettings Settings => settings;
}
