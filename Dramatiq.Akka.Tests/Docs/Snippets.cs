using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Dramatiq.Akka.Tests.Docs;

/// <summary>The C# in the Markdown of this repository.</summary>
internal static class Snippets
{
    /// <summary>What a project with implicit usings has, and what the pages take as said.</summary>
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Akka.Actor;
        global using Akka.Hosting;
        global using Dramatiq.Akka;
        global using Dramatiq.Akka.Actors;
        global using Dramatiq.Akka.Brokers;
        global using Dramatiq.Akka.Brokers.InMemory;
        global using Dramatiq.Akka.Hosting;
        global using Dramatiq.Akka.Messages;
        global using Dramatiq.Akka.RateLimits;
        global using Dramatiq.Akka.Results;
        global using Dramatiq.Akka.Stages;
        global using Dramatiq.Akka.Tests.Docs;
        global using Dramatiq.Akka.Workers;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Time.Testing;
        global using Xunit;
        global using static Dramatiq.Akka.Tests.Docs.Given;
        """;

    /// <summary>What only a project with implicit usings has: for a program that is to stand alone.</summary>
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly MetadataReference[] References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(static path => MetadataReference.CreateFromFile(path))];

    /// <summary>What the SDK suppresses in every project: assemblies that refer to older versions of others.</summary>
    private static readonly Dictionary<string, ReportDiagnostic> SdkSuppressions = new() { ["CS1701"] = ReportDiagnostic.Suppress, ["CS1702"] = ReportDiagnostic.Suppress };

    public static IEnumerable<string> Pages =>
        Directory.GetFiles(DocsFolder, "*.md").Select(static path => Path.GetRelativePath(Checkout.Root, path)).Order(StringComparer.Ordinal).Prepend("README.md");

    private static string DocsFolder => Path.Combine(Checkout.Root, "docs");

    /// <summary>The C# blocks of a page, each with the line that it begins on.</summary>
    public static IEnumerable<(int Line, string Code)> Of(string page)
    {
        var lines = File.ReadAllLines(Path.Combine(Checkout.Root, page));
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i] != "```csharp")
                continue;

            var first = i + 1;
            while (lines[++i] != "```")
            {
            }

            yield return (first + 1, string.Join('\n', lines[first..i]));
        }
    }

    /// <param name="name">The assembly's name.</param>
    /// <param name="code">The snippet.</param>
    /// <param name="standsAlone">Whether it must bring its own usings and take nothing as given.</param>
    public static CSharpCompilation Compile(string name, string code, bool standsAlone = false)
    {
        var options = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest);
        var tree = CSharpSyntaxTree.ParseText(code, options);
        var isProgram = tree.GetCompilationUnitRoot().Members.Any(static member => member is GlobalStatementSyntax);
        return CSharpCompilation.Create(
            name,
            [CSharpSyntaxTree.ParseText(standsAlone ? ImplicitUsings : Usings, options), tree],
            References,
            new CSharpCompilationOptions(isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable)
                .WithSpecificDiagnosticOptions(SdkSuppressions));
    }

    /// <summary>Errors and warnings, by the lines of the page.</summary>
    public static IEnumerable<string> Complaints(CSharpCompilation compilation, int firstLine) =>
        compilation.GetDiagnostics()
            .Where(static diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)
            .Select(diagnostic => $"line {firstLine + diagnostic.Location.GetLineSpan().StartLinePosition.Line}: {diagnostic.Id} {diagnostic.GetMessage(null)}");
}
