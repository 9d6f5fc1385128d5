namespace Dramatiq.Akka.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Checkout
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Dramatiq.Akka.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"There is no Dramatiq.Akka.sln above {AppContext.BaseDirectory}.");
    }
}
