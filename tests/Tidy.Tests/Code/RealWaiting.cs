using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Code;

/// <summary>A test that waits for real time is slow when it passes and flaky when it fails. Only tests of live engines may, in a folder named Live.</summary>
internal static class RealWaiting
{
    private static readonly string[] Waits = ["Task.Delay", "Thread.Sleep", "SpinWait.SpinUntil"];

    public static bool Applies(SourceFile file) => file.IsCSharp && file.In("tests") && !file.Path.Contains("/Live/", StringComparison.Ordinal);

    public static IEnumerable<Finding> Check(SourceFile file) =>
        from call in file.Syntax.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
        let called = call.ToString()
        where Waits.Any(w => called == w || called.EndsWith("." + w, StringComparison.Ordinal)) && !IsOnAClock(call)
        select file.At(call, $"{called} waits for real time. Advance the simulated clock, or await what the test is about.");

    // Syntax knows no types: a second or third argument that is called a clock or a time is taken for a TimeProvider. The real one is called System.
    private static bool IsOnAClock(MemberAccessExpressionSyntax call) =>
        call.Parent is InvocationExpressionSyntax invocation
        && invocation.ArgumentList.Arguments.Skip(1).Any(a => Regex.IsMatch(a.Expression.ToString(), @"^[\w.]*([cC]lock|[tT]ime)$"));
}
