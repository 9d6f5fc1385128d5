namespace Dramatiq.Akka.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Checkout
{
    public static string Root { get; } = Find();

    /// <summary>
    /// A program as its own project built it. The copy beside the tests would not start: what is a part of ASP.NET Core, which the tests run on, is not copied there.
    /// </summary>
    /// <param name="project">The folder of the project, from the root.</param>
    /// <param name="assembly">The file.</param>
    public static string Program(string project, string assembly) =>
        Path.Combine(Root, project, Path.GetRelativePath(Path.Combine(Root, "Dramatiq.Akka.Tests"), AppContext.BaseDirectory), assembly);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Dramatiq.Akka.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"There is no Dramatiq.Akka.sln above {AppContext.BaseDirectory}.");
    }
}
