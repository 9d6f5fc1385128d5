using System.ComponentModel;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Dramatiq.Akka.Tests;

/// <summary>Marks a test, as xunit's does; one that is asynchronous fails when it has not ended after five minutes, so that what hangs is named, and the others run.</summary>
[XunitTestCaseDiscoverer("Dramatiq.Akka.Tests.BoundedFactDiscoverer", "Dramatiq.Akka.Tests")]
[AttributeUsage(AttributeTargets.Method)]
public class FactAttribute : Xunit.FactAttribute;

/// <summary>Marks a test of several cases; each is bounded as a <see cref="FactAttribute"/> is.</summary>
[XunitTestCaseDiscoverer("Dramatiq.Akka.Tests.BoundedTheoryDiscoverer", "Dramatiq.Akka.Tests")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class TheoryAttribute : Xunit.TheoryAttribute;

public sealed class BoundedFactDiscoverer(IMessageSink diagnostics) : FactDiscoverer(diagnostics)
{
    protected override IXunitTestCase CreateTestCase(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        new BoundedTestCase(DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod);
}

public sealed class BoundedTheoryDiscoverer(IMessageSink diagnostics) : TheoryDiscoverer(diagnostics)
{
    protected override IEnumerable<IXunitTestCase> CreateTestCasesForDataRow(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute, object[] dataRow) =>
        [new BoundedTestCase(DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod, dataRow)];

    protected override IEnumerable<IXunitTestCase> CreateTestCasesForTheory(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute) =>
        [new BoundedTheoryTestCase(DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod)];
}

public sealed class BoundedTestCase : XunitTestCase
{
    [EditorBrowsable(EditorBrowsableState.Never), Obsolete("For xunit, which reads it back.", error: true)]
    public BoundedTestCase()
    {
    }

    public BoundedTestCase(IMessageSink diagnostics, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method, object[]? row = null)
        : base(diagnostics, display, options, method, row)
    {
    }

    protected override int GetTimeout(IAttributeInfo factAttribute) => TestBound.Of(Method);
}

public sealed class BoundedTheoryTestCase : XunitTheoryTestCase
{
    [EditorBrowsable(EditorBrowsableState.Never), Obsolete("For xunit, which reads it back.", error: true)]
    public BoundedTheoryTestCase()
    {
    }

    public BoundedTheoryTestCase(IMessageSink diagnostics, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method)
        : base(diagnostics, display, options, method)
    {
    }

    protected override int GetTimeout(IAttributeInfo factAttribute) => TestBound.Of(Method);
}

internal static class TestBound
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>In milliseconds; 0 is none, which is what xunit wants of a test that is not asynchronous.</summary>
    public static int Of(IMethodInfo method) => method.ReturnType.Name == "System.Void" ? 0 : (int)Longest.TotalMilliseconds;
}
