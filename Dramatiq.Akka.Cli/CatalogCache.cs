using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli;

/// <summary>Keeps what hosts publish in files of the user's own, one for each address. A file that cannot be read or written is as good as none.</summary>
/// <param name="folder">Where; null to keep nothing.</param>
internal sealed class CatalogCache(string? folder)
{
    private const long MostBytes = 4 << 20;

    public Catalog? Read(Uri url)
    {
        if (FileOf(url) is not { } file)
            return null;
        try
        {
            if (new FileInfo(file) is not { Exists: true, Length: < MostBytes })
                return null;
            return JsonSerializer.Deserialize<Catalog>(File.ReadAllBytes(file), InspectionJson.Options) is { Commands: not null, Queues: not null, Actors: not null } catalog ? catalog : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    public void Write(Uri url, Catalog catalog)
    {
        if (FileOf(url) is not { } file)
            return;
        try
        {
            Directory.CreateDirectory(folder!);
            // Several shells may complete at once: each writes its own file, and the last one to be renamed stays.
            var draft = $"{file}.{Environment.ProcessId}";
            File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(catalog, InspectionJson.Options));
            File.Move(draft, file, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Then the host is asked again the next time.
        }
    }

    private string? FileOf(Uri url) => folder is null ? null : Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url.AbsoluteUri)))[..32] + ".json");
}
