using System.Globalization;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Code;

/// <summary>
/// Most files stay under 100 lines. Past 250 a file needs an entry in eng/tidy/long-files.txt that names its ceiling and a reason; the
/// ceiling can be lowered freely, and an entry that its file no longer needs must go, so the list only shrinks.
/// </summary>
internal static class FileLength
{
    public const string List = "eng/tidy/long-files.txt";
    public const int Long = 250;

    private static readonly string[] Written = [".cs", ".js", ".ts", ".sh"];

    public static IEnumerable<Finding> Check(IEnumerable<SourceFile> files, IReadOnlyList<string[]> listed)
    {
        var ceilings = listed.ToDictionary(e => e[0], e => int.Parse(e[1], CultureInfo.InvariantCulture));
        foreach (var file in files.Where(f => Written.Contains(Path.GetExtension(f.Path)) && !f.In("eng/api")))
        {
            var lines = file.Lines.Length;
            var isListed = ceilings.Remove(file.Path, out var ceiling);
            if (lines > Long && !isListed)
            {
                yield return file.At(lines, $"{lines} lines; past {Long} it must be split, or stand in {List} with a ceiling and a reason.");
            }
            else if (isListed && lines > ceiling)
            {
                yield return file.At(lines, $"{lines} lines, over the ceiling of {ceiling} in {List}.");
            }
            else if (isListed && lines <= Long)
            {
                yield return file.At(lines, $"{lines} lines: it no longer needs its entry in {List}; remove the entry.");
            }
        }

        foreach (var gone in ceilings.Keys)
        {
            yield return new Finding(List, 1, $"{gone} does not exist; remove the entry.");
        }
    }
}
