using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>Where messages are, in addresses and in words.</summary>
internal static class Places
{
    public static readonly MessagePlace[] All = [MessagePlace.Ready, MessagePlace.Delayed, MessagePlace.InHand, MessagePlace.Dead];

    public static string NameOf(MessagePlace place) => place switch
    {
        MessagePlace.Delayed => "delayed",
        MessagePlace.InHand => "inHand",
        MessagePlace.Dead => "dead",
        _ => "ready",
    };

    public static MessagePlace Of(string? name, MessagePlace otherwise = MessagePlace.Ready) => name switch
    {
        "ready" => MessagePlace.Ready,
        "delayed" => MessagePlace.Delayed,
        "inHand" => MessagePlace.InHand,
        "dead" => MessagePlace.Dead,
        _ => otherwise,
    };

    public static string WordOf(MessagePlace place) => place switch
    {
        MessagePlace.Delayed => "Delayed",
        MessagePlace.InHand => "In hand",
        MessagePlace.Dead => "Dead",
        _ => "Waiting",
    };
}
