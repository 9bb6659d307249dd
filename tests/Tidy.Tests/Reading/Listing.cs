namespace Tidy.Tests.Reading;

/// <summary>
/// A list under eng/: one entry a line, fields separated by '|', the last of them a reason; '#' begins a comment. An entry without a
/// reason is a fault of the list itself.
/// </summary>
internal static class Listing
{
    public static IReadOnlyList<string[]> Read(string path, int fields)
    {
        var file = Repository.Find(path) ?? throw new InvalidOperationException($"{path} is missing.");
        return Parse(file, fields);
    }

    public static IReadOnlyList<string[]> Parse(SourceFile file, int fields)
    {
        var entries = new List<string[]>();
        for (var i = 0; i < file.Lines.Length; i++)
        {
            var line = file.Lines[i];
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var parts = line.Split('|', fields, StringSplitOptions.TrimEntries);
            if (parts.Length != fields || parts.Any(p => p.Length == 0))
            {
                throw new FormatException($"{file.Path}:{i + 1}: expected {fields} fields separated by '|', the last a reason.");
            }

            entries.Add(parts);
        }

        return entries;
    }
}
