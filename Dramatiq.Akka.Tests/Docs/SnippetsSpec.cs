using System.Diagnostics;

namespace Dramatiq.Akka.Tests.Docs;

public sealed class SnippetsSpec
{
    public static TheoryData<string, int> All
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var page in Snippets.Pages)
                foreach (var (line, _) in Snippets.Of(page))
                    data.Add(page, line);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Snippet_must_compile(string page, int line)
    {
        var (_, code) = Snippets.Of(page).Single(snippet => snippet.Line == line);
        Assert.Empty(Snippets.Complaints(Snippets.Compile("snippet", code), line));
    }

    [Fact]
    public async Task First_program_of_the_readme_must_run()
    {
        var (line, code) = Snippets.Of("README.md").First();
        var compilation = Snippets.Compile("readme-program", code, standsAlone: true);
        Assert.Empty(Snippets.Complaints(compilation, line));
        var path = Path.Combine(AppContext.BaseDirectory, "readme-program.dll");
        await using (var assembly = File.Create(path))
            Assert.True(compilation.Emit(assembly).Success);

        // It runs on the packages of the tests, which are next to it.
        var tests = Path.Combine(AppContext.BaseDirectory, "Dramatiq.Akka.Tests");
        using var program = new Interruptible("dotnet", "exec", "--depsfile", tests + ".deps.json", "--runtimeconfig", tests + ".runtimeconfig.json", path);
        var process = program.Process;
        var errors = process.StandardError.ReadToEndAsync();
        var greeted = new List<string>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (greeted.Count < 2 && await process.StandardOutput.ReadLineAsync(patience.Token) is { } text)
            if (text.StartsWith("Hello", StringComparison.Ordinal))
                greeted.Add(text);

        Assert.Equal(["Hello, Ada.", "Hello, Grace."], greeted);
        if (OperatingSystem.IsWindows())
            return;   // there is no signal to send

        program.Interrupt();
        await process.StandardOutput.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        Assert.Equal((0, ""), (process.ExitCode, await errors));
    }
}
