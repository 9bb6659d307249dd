using Millpond.Chaos.Live.Histories;

namespace Millpond.Chaos.Live.Judging;

/// <summary>What the source was when: every version of every key, and the instants between which each was committed.</summary>
internal sealed class Source
{
    private readonly List<Version>[] _versions = new List<Version>[Pond.HerdKey + 1];

    public Source(IEnumerable<(int Key, long Version, bool Present, long Stamp)> commits, IEnumerable<Entry> entries)
    {
        foreach (var (key, number, present, stamp) in commits)
        {
            (_versions[key] ??= []).Add(new Version(present, stamp, long.MaxValue));
            if (_versions[key].Count != number)
            {
                throw new InvalidOperationException($"The database has no version {_versions[key].Count} of key {key}.");
            }
        }

        foreach (var entry in entries.Where(entry => entry.What == What.Committed))
        {
            _versions[entry.Key][(int)entry.Version - 1] = _versions[entry.Key][(int)entry.Version - 1] with { By = entry.Ended };
        }

        foreach (var versions in _versions)
        {
            Tighten(versions);
        }
    }

    public long Count(int key) => _versions[key].Count;

    public long Commits => _versions.Sum(versions => versions.Count - 1);

    /// <summary>Whether a version was committed, or may have been, by an instant.</summary>
    public bool Has(int key, long version, long at) => version >= 1 && version <= Count(key) && _versions[key][(int)version - 1] is { IsPresent: true } one && one.From <= at;

    public bool IsPresent(int key, long version) => _versions[key][(int)version - 1].IsPresent;

    /// <summary>A version was certainly committed by this instant.</summary>
    public long CommittedBy(int key, long version) => version <= Count(key) ? _versions[key][(int)version - 1].By : long.MaxValue;

    public long CommittedFrom(int key, long version) => _versions[key][(int)version - 1].From;

    /// <summary>A version was certainly no more current after this instant; <see cref="long.MaxValue"/> for the newest.</summary>
    public long EndOf(int key, long version) => CommittedBy(key, version + 1);

    /// <summary>The newest version without a row that may have been committed by an instant; 0 for none.</summary>
    public long LatestAbsence(int key, long at)
    {
        for (var version = Count(key); version > 0; version--)
        {
            if (_versions[key][(int)version - 1] is { IsPresent: false } one && one.From <= at)
            {
                return version;
            }
        }

        return 0;
    }

    // The stamp is set while the database has no other writer, so each version was committed before the next one's stamp, whatever its writer lived to say.
    private static void Tighten(List<Version> versions)
    {
        for (var i = 0; i < versions.Count; i++)
        {
            var by = i == 0 ? 0 : versions[i].By;
            versions[i] = versions[i] with { By = i + 1 < versions.Count ? Math.Min(by, versions[i + 1].From) : by };
        }
    }

    private readonly record struct Version(bool IsPresent, long From, long By);
}
