using System.Text.RegularExpressions;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Docs;

/// <summary>Every error code has its section in docs/errors.md, and every section its code.</summary>
internal static class ErrorCodes
{
    public const string Document = "docs/errors.md";

    private static readonly Regex Code = new(@"\bMP\d{4}\b");

    public static IEnumerable<Finding> Check(IEnumerable<SourceFile> sources, SourceFile document)
    {
        var used = (from file in sources
                    from line in file.Lines.Select((text, i) => (Text: text, Number: i + 1))
                    from Match match in Code.Matches(line.Text)
                    select (match.Value, Where: (file, line.Number))).ToLookup(u => u.Value, u => u.Where);
        var told = (from line in new Page(document).Prose
                    where line.Text.StartsWith('#')
                    from Match match in Code.Matches(line.Text)
                    select (match.Value, line.Line)).ToLookup(t => t.Value, t => t.Line);
        return used.Where(u => !told.Contains(u.Key)).Select(u => u.First().file.At(u.First().Number, $"{u.Key} has no heading in {Document}."))
            .Concat(told.Where(t => !used.Contains(t.Key)).Select(t => document.At(t.First(), $"{t.Key} is used nowhere below src/.")))
            .Concat(told.Where(t => t.Count() > 1).Select(t => document.At(t.Last(), $"{t.Key} has two headings.")));
    }
}
