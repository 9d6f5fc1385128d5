using System.Diagnostics;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>What Akka alone does with the same shape: workers with eight private stages each, one message in hand, down the stages and back. 18 tells a message, and nothing else.</summary>
internal static class BareChain
{
    private const int Stages = 8;

    public static async Task<double> MeasureAsync(int messages, int workers)
    {
        using var system = ActorSystem.Create("chain", "akka.loglevel = OFF, akka.stdout-loglevel = OFF");
        await RunAsync(system, 300_000, workers, "warm-up");
        var clock = Stopwatch.StartNew();
        await RunAsync(system, messages, workers, "chain");
        var rate = messages / clock.Elapsed.TotalSeconds;
        await system.Terminate();
        return rate;
    }

    private static Task RunAsync(ActorSystem system, int messages, int workers, string name)
    {
        var counter = new Countdown();
        var done = counter.Start(messages);
        var shared = new Shared(messages, counter);
        for (var i = 0; i < workers; i++)
            system.ActorOf(Props.Create(() => new ChainWorker(shared)), $"{name}-{i}").Tell(Go.Instance);
        return done;
    }

    private sealed class Shared(int messages, Countdown counter)
    {
        private int _left = messages;

        public Countdown Counter => counter;

        public bool TryTake() => Interlocked.Decrement(ref _left) >= 0;
    }

    private sealed class Go
    {
        public static readonly Go Instance = new();
    }

    private sealed class Down
    {
        public static readonly Down Instance = new();
    }

    private sealed class Up
    {
        public static readonly Up Instance = new();
    }

    private sealed class ChainWorker : ActorBase
    {
        private readonly Shared _shared;
        private readonly IActorRef _first;

        public ChainWorker(Shared shared)
        {
            _shared = shared;
            var previous = Self;
            IActorRef? first = null;
            var stages = new IActorRef[Stages];
            for (var i = Stages - 1; i >= 0; i--)
            {
                var next = i == Stages - 1 ? null : stages[i + 1];
                stages[i] = Context.ActorOf(Props.Create(() => new ChainStage(next)));
            }

            for (var i = 0; i < Stages; i++)
                stages[i].Tell(new Previous(i == 0 ? previous : stages[i - 1]));
            first = stages[0];
            _first = first;
        }

        protected override bool Receive(object message)
        {
            if (message is Up)
                _shared.Counter.Signal();
            if (_shared.TryTake())
                _first.Tell(Down.Instance);
            return true;
        }
    }

    private sealed record Previous(IActorRef Ref);

    private sealed class ChainStage(IActorRef? next) : ActorBase
    {
        private IActorRef _previous = ActorRefs.Nobody;

        protected override bool Receive(object message)
        {
            switch (message)
            {
                case Down when next is not null: next.Tell(message); break;
                case Down: _previous.Tell(Up.Instance); break;
                case Up: _previous.Tell(message); break;
                case Previous previous: _previous = previous.Ref; break;
            }

            return true;
        }
    }
}
