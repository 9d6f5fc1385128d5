namespace Dramatiq.Akka.Workers;

/// <summary>Makes a child's name from a name that may hold anything, unique by its number.</summary>
internal static class ActorPathName
{
    public static string From(string name, long number) => Uri.EscapeDataString(name) + "-" + number;
}
