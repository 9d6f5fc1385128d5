namespace Dramatiq.Akka.Cli;

/// <summary>The program: arguments in, an exit code out.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => CommandLine.RunAsync(args, Surroundings.OfThisProcess());
}
