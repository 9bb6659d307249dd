namespace Millpond.FileJournal.Tests;

/// <summary>A folder that is gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("millpond-journal-").FullName;

    /// <summary>The journal's files, in order.</summary>
    public string[] Segments => [.. Directory.EnumerateFiles(Path, "*.journal").Order()];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
