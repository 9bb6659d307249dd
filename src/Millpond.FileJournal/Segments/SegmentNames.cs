using System.Globalization;

namespace Millpond.FileJournal.Segments;

/// <summary>The names of a journal's files in its folder.</summary>
internal sealed class SegmentNames(string folder)
{
    private const string Live = ".journal";
    private const string Kept = ".flushed";

    public string Folder => folder;

    /// <summary>Held by whoever has the journal open.</summary>
    public string Lock => Path.Combine(folder, "lock");

    /// <summary>The next segment, while it is being prepared.</summary>
    public string Spare => Path.Combine(folder, "spare");

    public string Of(long number) => Path.Combine(folder, Digits(number) + Live);

    /// <summary>That of a segment that is flushed and kept since a time, in milliseconds since 1970.</summary>
    public string KeptOf(long number, long since) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Digits(number)}.{since}{Kept}"));

    /// <summary>The numbers of the segments there are, in order.</summary>
    public IReadOnlyList<long> All() =>
        [.. Directory.EnumerateFiles(folder, "*" + Live).Select(path => long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0).Where(number => number > 0).Order()];

    /// <summary>The segments that are kept, in order.</summary>
    public IEnumerable<(long Number, long Since, string Path)> AllKept() =>
        Directory.EnumerateFiles(folder, "*" + Kept).Select(path => (Parts: Path.GetFileName(path).Split('.'), Path: path))
            .Where(one => one.Parts.Length == 3 && IsNumber(one.Parts[0]) && IsNumber(one.Parts[1]))
            .Select(one => (Number: long.Parse(one.Parts[0], CultureInfo.InvariantCulture), Since: long.Parse(one.Parts[1], CultureInfo.InvariantCulture), one.Path))
            .OrderBy(one => one.Number);

    private static bool IsNumber(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static string Digits(long number) => number.ToString("D16", CultureInfo.InvariantCulture);
}
