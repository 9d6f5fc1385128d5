using System.Formats.Tar;

namespace CountWords;

/// <summary>Which files the arguments stand for.</summary>
internal static class InputFiles
{
    private const string Solution = "Dramatiq.Akka.sln";
    private static readonly string[] NotOurs = [".git", "bin", "obj", "artifacts"];

    /// <summary>Each path as it is, and for a folder every regular file below it, in order of name. Links to folders are not followed.</summary>
    /// <remarks>A folder that cannot be read stands for itself: its task fails, and says why.</remarks>
    public static IEnumerable<string> Of(IEnumerable<string> paths) =>
        paths.SelectMany(static path => Directory.Exists(path) ? Below(path, static _ => true, static _ => true) : [path]);

    /// <summary>This repository's own Markdown; null outside of a checkout.</summary>
    public static IReadOnlyList<string>? OwnMarkdown()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
                return [.. Below(folder.FullName, static file => Path.GetExtension(file) == ".md", static name => !NotOurs.Contains(name)).Select(Shortened)];
        return null;
    }

    private static IEnumerable<string> Below(string folder, Func<string, bool> isWanted, Func<string, bool> isEntered)
    {
        FileSystemInfo[]? entries = null;
        try
        {
            entries = new DirectoryInfo(folder).GetFileSystemInfos();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Told as the failure of its own task.
        }

        if (entries is null)
            return [folder];

        Array.Sort(entries, static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        return entries.SelectMany(entry => entry switch
        {
            DirectoryInfo { LinkTarget: null } inner => isEntered(inner.Name) ? Below(Path.Combine(folder, inner.Name), isWanted, isEntered) : [],
            FileInfo file when IsRegular(file) && isWanted(file.Name) => [Path.Combine(folder, file.Name)],
            _ => Enumerable.Empty<string>(),
        });
    }

    /// <summary>
    /// Neither a link nor a device, a pipe or a socket, which a reader could wait for without end. .NET tells the latter from an empty file nowhere but where it packs archives.
    /// </summary>
    private static bool IsRegular(FileInfo file)
    {
        if (file.LinkTarget is not null || (file.Attributes & FileAttributes.Device) != 0)
            return false;
        if (file.Length > 0 || OperatingSystem.IsWindows())
            return true;

        try
        {
            using var archive = new MemoryStream();
            using (var writer = new TarWriter(archive, leaveOpen: true))
                writer.WriteEntry(file.FullName, "file");
            archive.Position = 0;
            using var reader = new TarReader(archive);
            return reader.GetNextEntry()?.EntryType is TarEntryType.RegularFile;
        }
        catch (UnauthorizedAccessException)
        {
            return true;   // its task will say so
        }
        catch (IOException)
        {
            return false;   // a socket
        }
    }

    private static string Shortened(string path) => Path.GetRelativePath(Environment.CurrentDirectory, path);
}
