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

    /// <summary>That of a segment that is flushed and kept.</summary>
    public string KeptOf(long number) => Path.Combine(folder, Digits(number) + Kept);

    /// <summary>The numbers of the segments there are, in order.</summary>
    public IReadOnlyList<long> All() =>
        [.. Directory.EnumerateFiles(folder, "*" + Live).Select(path => long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0).Where(number => number > 0).Order()];

    private static string Digits(long number) => number.ToString("D16", CultureInfo.InvariantCulture);
}
