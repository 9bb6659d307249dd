namespace Tidy.Tests.Reading;

/// <summary>One place that breaks a rule. Prints as editors expect: file, line, what is wrong and what to do.</summary>
internal sealed record Finding(string Path, int Line, string Message)
{
    public override string ToString() => $"{Path}:{Line}: {Message}";

    public static void None(IEnumerable<Finding> findings)
    {
        var all = findings.Select(f => f.ToString()).Distinct().Order(StringComparer.Ordinal).ToArray();
        Assert.True(all.Length == 0, $"{all.Length} found:\n{string.Join('\n', all)}");
    }
}
