using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Tests.EndToEnd;

/// <summary>Middleware whose listener keeps every signal of a host's life.</summary>
internal sealed class SignalLog : Middleware
{
    private readonly Feed<Signals.ISignal> _feed = new();

    public IReadOnlyList<Signals.ISignal> All => _feed.All;

    public IReadOnlyList<string> Names => [.. All.Select(static signal => signal.GetType().Name)];

    public override Props Listener => Props.Create(() => new Ear(_feed));

    public override IReadOnlyList<Type> ListensTo => [typeof(Signals.ISignal)];

    public async Task<T> FirstAsync<T>(Func<T, bool>? fits = null) where T : Signals.ISignal =>
        (T)await _feed.FirstAsync(signal => signal is T one && (fits is null || fits(one)));

    public async Task<IReadOnlyList<T>> AtLeastAsync<T>(int count) where T : Signals.ISignal =>
        [.. (await _feed.AtLeastAsync(count, static signal => signal is T)).Cast<T>()];

    private sealed class Ear : ReceiveActor
    {
        public Ear(Feed<Signals.ISignal> feed) => Receive<Signals.ISignal>(feed.Add);
    }
}
