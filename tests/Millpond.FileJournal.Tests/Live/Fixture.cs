using Millpond.FileJournal.Format;
using Millpond.Journals;
using Millpond.Runtime;
using Millpond.Testing.Conformance;

namespace Millpond.FileJournal.Tests.Live;

/// <summary>A journal in a folder of its own, with small files.</summary>
internal sealed class Fixture : IJournalFixture
{
    private readonly TemporaryFolder _folder = new();
    private readonly ScriptedDisk _disk = new();
    private FileJournal? _newest;
    private TrailOptions? _trail;

    public JournalNeeds Has => JournalNeeds.Refusal | JournalNeeds.Trail;

    public IWriteJournal NewJournal() => _newest = new FileJournal(new FileJournalOptions { Folder = _folder.Path, SegmentBytes = 64 << 10, Trail = _trail }, Surroundings.Real, _disk);

    public void KeepTrail(TrailOptions trail) => _trail = trail;

    public async ValueTask KillAsync(IWriteJournal journal) => await ((FileJournal)journal).AbandonAsync();

    /// <summary>Fills the files that there are, so that the next record needs another one.</summary>
    public async ValueTask RefuseAsync(AppendRefusal refusal)
    {
        _disk.IsFull = refusal == AppendRefusal.Begins;
        var filler = Enumerable.Repeat<Entry>(new Acknowledged(0, 0), 1000).ToArray();
        foreach (var entries in _disk.IsFull ? new[] { filler, filler[..1] } : [])
        {
            while (true)
            {
                try
                {
                    await _newest!.TellAsync(entries, default);
                }
                catch (JournalException full) when (full.Failure == JournalFailure.Refused)
                {
                    break;
                }
            }
        }
    }

    public ValueTask TakeLeadAwayAsync() => throw new NotSupportedException();

    public async ValueTask AdvanceAsync(TimeSpan time) => await Task.Delay(time);

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return default;
    }
}
