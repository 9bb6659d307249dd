using Millpond.Chaos.Live.Histories;
using Millpond.Shared;

namespace Millpond.Chaos.Live.Judging;

/// <summary>
/// Judges each answer of a read: a committed state of the source (I7) that was current at some instant not before the latest of these.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>What a change covers that the shared tier had made two heartbeats and the keyspace's stale time before the read began, whatever broke meanwhile (I2). A change of a key or tag covers all
/// that had been committed when it was sent; a value stored under a ticket covers what came before its own commit.</item>
/// <item>What an announcement of the same process covers that had returned before the read began (I3): all that this process or another had committed when it was begun.</item>
/// <item>The read's beginning less the hard time to live, and less the staleness its caller accepts (I2).</item>
/// </list>
/// A tag does not bear on an absent row, which has no tags. Instants are known from when to when; only what is certain counts as broken.
/// </remarks>
internal sealed class ReadOracle
{
    private readonly Source _source;
    private readonly Dictionary<int, long> _partitions = [];
    private readonly Dictionary<(int Key, bool ByTag), Facts> _applied = [];
    private readonly Dictionary<(int Process, int Key, bool ByTag), Facts> _own = [];

    public ReadOracle(Source source, IReadOnlyList<Entry> entries)
    {
        _source = source;
        foreach (var entry in entries.Where(entry => entry.What == What.Changed && entry.Detail == (int)ChangeKind.Key))
        {
            _partitions[entry.Key] = entry.Version;
        }

        foreach (var entry in entries)
        {
            if (entry.What == What.Changed)
            {
                NoteChange(entry);
            }
            else if (entry.What == What.Announced)
            {
                NoteAnnouncement(entry);
            }
        }
    }

    public Finding? Judge(in Entry read)
    {
        var version = read.Version < 0 ? _source.LatestAbsence(read.Key, read.Ended) : read.Version;
        if (read.Version < 0 ? version == 0 : !_source.Has(read.Key, version, read.Ended))
        {
            return Broken("I7", read, $"was given {Told(read)}, which was never committed");
        }

        var end = _source.EndOf(read.Key, version);
        foreach (var (oracle, bound, why) in BoundsOf(read))
        {
            if (end <= bound)
            {
                return Broken(oracle, read, $"was given {Told(read)}, which had ceased to be current {Ms(read.Began - end)} ms before, and {why} {Ms(read.Began - bound)} ms before");
            }
        }

        return null;
    }

    /// <summary>Whether any change that bears on a key was made by the shared tier after its last commit.</summary>
    public bool IsAnnounced(int key) => CoveredBy(key, long.MaxValue - 1, withTags: _source.Count(key) > 1 && _source.IsPresent(key, _source.Count(key) - 1)) >= _source.CommittedBy(key, _source.Count(key));

    private IEnumerable<(string Oracle, long Bound, string Why)> BoundsOf(Entry read)
    {
        var withTags = read.Version >= 0;
        yield return ("I2", CoveredBy(read.Key, read.Began - Entry.Of(Pond.Bound(read.Key)), withTags), "a change made in time covers what was replaced");
        yield return ("I2", read.Began - Entry.Of(Pond.TimeToLive + Pond.StaleTime(read.Key)), "its time to live began");
        if (read.Mark >= 0)
        {
            yield return ("I2", read.Began - Entry.Of(TimeSpan.FromMilliseconds(read.Mark)), "the staleness that its caller accepts began");
        }

        var own = Own(read.Process, read.Key, byTag: false).CoveredBy(read.Began);
        yield return ("I3", withTags ? Math.Max(own, Own(read.Process, read.Key, byTag: true).CoveredBy(read.Began)) : own, "its own announcement covers what was replaced");
    }

    private void NoteChange(in Entry entry)
    {
        if (entry.Detail == (int)ChangeKind.Key)
        {
            Applied(entry.Key, byTag: false).Add(entry.Ended, entry.Began);
            return;
        }

        // A tag is changed in every partition, in each at a moment of its own. Where a key lies is known if it was ever changed by itself.
        foreach (var (key, partition) in _partitions)
        {
            if (partition == entry.Version && Pond.IsLazy(key) == (entry.Mark == 1) && (entry.Detail == (int)ChangeKind.Keyspace || Pond.TagOf(key) == entry.Key))
            {
                Applied(key, byTag: entry.Detail == (int)ChangeKind.Scope).Add(entry.Ended, entry.Began);
            }
        }
    }

    private void NoteAnnouncement(in Entry entry)
    {
        var how = (Announcement)entry.Detail;
        if (how == Announcement.Stored)
        {
            var committed = _source.CommittedBy(entry.Key, entry.Version);
            Applied(entry.Key, byTag: false).Add(entry.Ended, committed);
            Own(entry.Process, entry.Key, byTag: false).Add(entry.Ended, committed);
        }
        else if (how == Announcement.Tagged)
        {
            for (var key = 0; key < Pond.Keys; key++)
            {
                if (Pond.IsLazy(key) == Pond.IsLazy(entry.Key) && Pond.TagOf(key) == Pond.TagOf(entry.Key))
                {
                    Own(entry.Process, key, byTag: true).Add(entry.Ended, entry.Began);
                }
            }
        }
        else
        {
            Own(entry.Process, entry.Key, byTag: false).Add(entry.Ended, entry.Began);
        }
    }

    private long CoveredBy(int key, long at, bool withTags) =>
        Math.Max(Applied(key, byTag: false).CoveredBy(at), withTags ? Applied(key, byTag: true).CoveredBy(at) : long.MinValue);

    private Facts Applied(int key, bool byTag) => _applied.TryGetValue((key, byTag), out var facts) ? facts : _applied[(key, byTag)] = new Facts();

    private Facts Own(int process, int key, bool byTag) => _own.TryGetValue((process, key, byTag), out var facts) ? facts : _own[(process, key, byTag)] = new Facts();

    private static Finding Broken(string oracle, in Entry read, string what) => new(oracle, read.Key, read.Ended, $"process {read.Process}, asking for key {read.Key}, {what}.");

    private static string Told(in Entry read) =>
        (read.Version < 0 ? "no row" : $"version {read.Version}") + $" ({Answer.OriginOf(read.Detail)}, {(Answer.StaleOf(read.Detail) is var stale and not StaleReason.None ? $"stale: {stale}" : "fresh")})";

    private static string Ms(long nanoseconds) => (nanoseconds / 1e6).ToString("0.###", System.Globalization.CultureInfo.InvariantCulture);
}
