using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>States in a word and a colour; the word alone says it all.</summary>
internal static class Badges
{
    public static Markup Of(string text, string kind) => Markup.Of(html => html.Add($"<span class=\"badge {kind}\">{text}</span>"));

    public static Markup Of(QueueReport queue) => Markup.Of(html =>
    {
        if (queue.Problem is not null)
            html.Add($"{Of("No counts", "bad")} ");
        if (queue.IsPausedEverywhere is true)
            html.Add($"{Of("Paused everywhere", "warn")} ");
        if (queue.IsPausedHere)
            html.Add($"{Of("Paused here", "warn")} ");
        if (queue.Consumer is null)
            html.Add($"{Of("Not consumed here", "none")}");
        else if (queue.Consumer.State is ConsumerState.Connecting)
            html.Add($"{Of("Connecting", "bad")}");
        else if (queue.Consumer.State is ConsumerState.Draining)
            html.Add($"{Of("Draining", "warn")}");
        else if (queue is { IsPausedHere: false, IsPausedEverywhere: not true })
            html.Add($"{Of("Running", "good")}");
    });

    public static Markup Of(ConsumerState state) => state switch
    {
        ConsumerState.Consuming => Of("Consuming", "good"),
        ConsumerState.Paused => Of("Paused", "warn"),
        ConsumerState.Draining => Of("Draining", "warn"),
        _ => Of("Connecting", "bad"),
    };

    public static Markup Of(LifeState state) => state switch
    {
        LifeState.Done => Of("Done", "good"),
        LifeState.Dead or LifeState.Deleted => Of(state.ToString(), "bad"),
        LifeState.Retried or LifeState.Returned or LifeState.Skipped => Of(state.ToString(), "warn"),
        _ => Of(state.ToString(), "none"),
    };
}
