using Millpond.Sinks;

namespace Millpond.Testing.Conformance;

/// <summary>What a conformance case needs of a sink under test: an empty source with a table of notes that takes any note but <see cref="Refused"/>, and a table of counts. Each case gets a fixture of its own and disposes it.</summary>
public interface ISinkFixture : IAsyncDisposable
{
    /// <summary>The note that the source never takes.</summary>
    const string Refused = "poison";

    /// <summary>Another instance's sink of the notes.</summary>
    IWriteSink<int, string> NewNotes();

    /// <summary>Another instance's sink of the counts.</summary>
    IWriteSink<int, long> NewCounts();

    /// <summary>The note of a row; null if there is none.</summary>
    /// <param name="key">The row.</param>
    ValueTask<string?> NoteAsync(int key);

    /// <summary>The count of a row; 0 if there is none.</summary>
    /// <param name="key">The row.</param>
    ValueTask<long> CountAsync(int key);
}
