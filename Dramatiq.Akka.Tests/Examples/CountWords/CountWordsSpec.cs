using System.Diagnostics;
using System.Text;

namespace Dramatiq.Akka.Tests.Examples.CountWords;

/// <summary>The example as its user meets it: a process.</summary>
public sealed class CountWordsSpec : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("count-words-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Folder_must_be_counted_file_by_file_in_order()
    {
        Write("b.txt", "Grüße aus 北京\n"u8);
        Write("a/deep/er.txt", "one two"u8);
        Write("a/empty", ""u8);
        Write("latin1.txt", [0x61, 0x20, 0xE9, 0x20, 0xE9, 0x62]);

        var run = await RunAsync(_folder);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            [
                $"    2  {_folder}/a/deep/er.txt",
                $"    0  {_folder}/a/empty",
                $"    3  {_folder}/b.txt",
                $"    2  {_folder}/latin1.txt  (not UTF-8 in 2 places, first at byte 2)",
                "    7  total of 4 files",
            ], run.Lines);
    }

    [Fact]
    public async Task Missing_file_must_fail_its_task_alone()
    {
        Write("there.txt", "one two three"u8);

        var run = await RunAsync(Path.Combine(_folder, "missing.txt"), Path.Combine(_folder, "there.txt"));

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(
            [$"    -  {_folder}/missing.txt  (failed: no such file)", $"    3  {_folder}/there.txt", "    3  total of 2 files, 1 failed"], run.Lines);
    }

    [Fact]
    public async Task File_named_twice_must_count_twice()
    {
        Write("a", "one two"u8);
        var path = Path.Combine(_folder, "a");

        var run = await RunAsync(path, path);

        Assert.Equal([$"    2  {path}", $"    2  {path}", "    4  total of 2 files"], run.Lines);
    }

    [Fact]
    public async Task Wrong_usage_must_exit_with_2()
    {
        var run = await RunAsync("--no-such-option");
        Assert.Equal((2, "'--no-such-option' is neither an option nor a file.\nTry --help.\n"), (run.ExitCode, run.Error));
        Assert.Empty(run.Lines);
    }

    [Fact]
    public async Task Help_must_say_what_a_folder_stands_for()
    {
        var run = await RunAsync("--help");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(run.Lines, line => line.Contains("every regular file below it", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_path_the_markdown_of_the_repository_must_be_counted()
    {
        var run = await RunAsync();
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(run.Lines, line => line.EndsWith("README.md", StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => line.EndsWith(Path.Combine("docs", "architecture.md"), StringComparison.Ordinal));
    }

    [FactWhereWcIs]
    public async Task Total_must_be_that_of_wc()
    {
        var random = new Random(11);
        string[] parts = ["word", "Wörter", "北京", "😀", " ", "\n", "\t", "\u3000", "\u2003", "-", ".", "\r\n"];
        for (var file = 0; file < 50; file++)
            Write($"{file}.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, file * 20).Select(_ => parts[random.Next(parts.Length)]))));
        Write("line.txt", Encoding.UTF8.GetBytes(new string('x', 1_000_000) + " " + new string('語', 1_000_000)));

        var wc = await StartAsync("/bin/sh", ["-c", "LC_ALL=C.UTF-8 wc -w \"$0\"/*", _folder]);
        var run = await RunAsync(_folder);

        Assert.Equal($"{wc.Lines[^1].Trim().Replace(" total", "", StringComparison.Ordinal)}  total of 51 files", run.Lines[^1].Trim());
    }

    [Fact]
    public async Task Interrupt_must_stop_long_work_that_tells_how_far_it_is()
    {
        if (OperatingSystem.IsWindows())
            return;   // there is no signal to send

        using var endless = new Interruptible("dotnet", Example, "/dev/zero");   // a file without end: it never comes to its table
        var process = endless.Process;
        Assert.Equal("0 of 1 files, 0 %", await process.StandardError.ReadLineAsync().WaitAsync(EndToEnd.Eventually.Patience));
        endless.Interrupt();

        await process.WaitForExitAsync(new CancellationTokenSource(EndToEnd.Eventually.Patience).Token);
        Assert.Equal(130, process.ExitCode);
        Assert.Equal("", await process.StandardOutput.ReadToEndAsync());
    }

    private static string Example => Checkout.Program("examples/CountWords", "CountWords.dll");

    private static Task<Run> RunAsync(params string[] arguments) => StartAsync("dotnet", [Example, .. arguments]);

    private static async Task<Run> StartAsync(string program, string[] arguments)
    {
        using var process = Start(program, arguments);
        var error = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        Assert.DoesNotContain('\u001b', output);
        return new Run(process.ExitCode, output.Split('\n', StringSplitOptions.RemoveEmptyEntries), await error);
    }

    private static Process Start(string program, string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = Checkout.Root,
    })!;

    private void Write(string name, ReadOnlySpan<byte> bytes)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    private sealed class FactWhereWcIs : FactAttribute
    {
        public FactWhereWcIs()
        {
            if (!File.Exists("/usr/bin/wc"))
                Skip = "There is no wc to compare with. (Its recorded counts are in WordScannerSpec.)";
        }
    }

    private sealed record Run(int ExitCode, string[] Lines, string Error);
}
