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
        where Waits.Any(w => called == w || called.EndsWith("." + w, StringComparison.Ordinal))
        select file.At(call, $"{called} waits for real time. Advance the simulated clock, or await what the test is about.");
}
