using System.Text.RegularExpressions;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Code;

/// <summary>Nothing written here may depend on, or tell of, the machine it was written on: no private folders, no package hosts.</summary>
internal static class MachinePaths
{
    // Written in pieces, so that this file does not hold what it looks for.
    private static readonly Regex Forbidden = new(string.Join('|',
        @"(?<![\w.~-])/(?:wo" + @"rk|ro" + @"ot|ho" + @"me/\w+|Us" + @"ers/\w+|tm" + @"p)/",
        @"\b[A-Z]:\\+Us" + @"ers\\",
        @"\bregistry\.npm" + @"js\.org|\bapi\.nu" + @"get\.org|\bpypi\." + @"org/simple|\bfiles\.python" + @"hosted\.org",
        @"https?://[\w.-]+\.inter" + @"nal\b"), RegexOptions.Compiled);

    public static IEnumerable<Finding> Check(SourceFile file)
    {
        for (var i = 0; i < file.Lines.Length; i++)
        {
            if (Forbidden.Match(file.Lines[i]) is { Success: true } match)
            {
                yield return file.At(i + 1, $"'{match.Value}' is a place on one machine or a package host; the repository must not know it.");
            }
        }
    }
}
