using System.Globalization;
using System.Text.RegularExpressions;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Docs;

/// <summary>Decision records are numbered without gaps, open with their number, and say what was refused.</summary>
public class Decisions
{
    private const string Folder = "docs/decisions";

    [Fact]
    public void Records_are_numbered_and_complete() => Finding.None(Check([.. Repository.Markdown.Where(f => f.In(Folder))]));

    [Fact]
    public void Gaps_twins_and_missing_parts_are_found()
    {
        var whole = "**Chosen.** a\n\n**Refused.** b";
        Assert.Empty(Check([new(Folder + "/0001-a.md", $"# 1. A\n\n{whole}"), new(Folder + "/README.md", "")]));
        Assert.Single(Check([new(Folder + "/0002-a.md", $"# 2. A\n\n{whole}")]));
        Assert.Single(Check([new(Folder + "/0001-a.md", $"# 1. A\n\n{whole}"), new(Folder + "/0001-b.md", $"# 1. B\n\n{whole}")]));
        Assert.Single(Check([new(Folder + "/0001-a.md", $"# 2. A\n\n{whole}")]));
        Assert.Single(Check([new(Folder + "/0001-a.md", "# 1. A\n\n**Chosen.** a")]));
    }

    private static IEnumerable<Finding> Check(IReadOnlyList<SourceFile> files)
    {
        var next = 1;
        foreach (var file in files.Where(f => !f.Path.EndsWith("/README.md", StringComparison.Ordinal)).OrderBy(f => f.Path, StringComparer.Ordinal))
        {
            if (!file.Path.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{Folder}/{next:0000}-"), StringComparison.Ordinal))
            {
                yield return file.At(1, $"expected the number {next:0000}; records are numbered without gaps or twins.");
            }
            else if (!Regex.IsMatch(file.Lines[0], $@"^# {next}\. \S"))
            {
                yield return file.At(1, $"a record opens with '# {next}. ' and what was chosen.");
            }

            foreach (var part in new[] { "**Chosen.**", "**Refused.**" }.Where(p => !file.Text.Contains(p, StringComparison.Ordinal)))
            {
                yield return file.At(1, $"the part {part} is missing.");
            }

            next++;
        }
    }
}
