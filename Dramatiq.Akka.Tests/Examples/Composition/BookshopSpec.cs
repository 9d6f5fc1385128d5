using System.Diagnostics;

namespace Dramatiq.Akka.Tests.Examples.Composition;

/// <summary>The example as its user meets it: a process.</summary>
public sealed class BookshopSpec
{
    [Fact]
    public async Task Orders_must_be_priced_totalled_and_told_of_when_they_fail()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Checkout.Program("examples/Composition", "Bookshop.dll")]) { RedirectStandardOutput = true })!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var lines = (await process.StandardOutput.ReadToEndAsync(patience.Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync(patience.Token);

        Assert.Equal(0, process.ExitCode);
        Assert.Equal(["Ada pays 30.75.", "3 of 3 steps, prices 9.50 + 14.25 + 7"], lines[..2]);

        // The callbacks print when they run.
        var told = lines[2..];
        Assert.Equal(["Grace pays 9.50.", "Nothing: there is no 'Necronomicon'.", "Edsger pays 14.00."], told.Where(static line => !IsCallback(line)));
        Assert.Equal(["Sorry, Alan: there is no 'Necronomicon'.", "The shop is closed."], told.Where(IsCallback).Order());
    }

    private static bool IsCallback(string line) => line.StartsWith("Sorry", StringComparison.Ordinal) || line.StartsWith("The shop", StringComparison.Ordinal);
}
