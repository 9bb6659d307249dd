using Millpond.FileJournal.Format;
using Millpond.FileJournal.Segments;
using Millpond.Journals;

namespace Millpond.FileJournal.Trails;

/// <summary>Reads a stretch of a journal's entries once more, by the rules that it was written by, and collects what they say is settled and somebody wants to see.</summary>
internal sealed class TrailReplay
{
    private readonly TrailQuery _query;
    private readonly DateTimeOffset _since;
    private readonly JournalState _state;
    private readonly List<TrailRecord> _found = [];

    public TrailReplay(TrailQuery query, DateTimeOffset since)
    {
        (_query, _since) = (query, since);
        _state = new JournalState { Backlog = new Backlog { Settled = Look } };
    }

    /// <summary>Whether there is one more than was asked for, or nothing later is wanted.</summary>
    public bool IsDone => _found.Count > _query.RecordsMax || SettledAt >= _query.Until;

    private DateTimeOffset SettledAt => new(_state.SettledAt, TimeSpan.Zero);

    public void Apply(Entry entry) => _state.Apply(entry);

    /// <summary>What was found.</summary>
    /// <param name="isAll">Whether nothing comes behind what was read.</param>
    /// <param name="completeSince">From when on everything is there.</param>
    public TrailPage Page(bool isAll, DateTimeOffset? completeSince)
    {
        var isMore = _found.Count > _query.RecordsMax;
        TrailRecord[] records = [.. _found.Take(_query.RecordsMax)];
        TrailCursor? next = isMore ? records[^1].Cursor : isAll || SettledAt >= _query.Until ? null : new(SettledAt, long.MaxValue);
        return new TrailPage(records, next, completeSince);
    }

    private void Look(JournalRecord record, Settlement settlement, string reason)
    {
        var one = new TrailRecord(record, settlement, SettledAt, reason);
        if (_found.Count <= _query.RecordsMax && one.SettledAt >= _since && _query.Wants(one.Cursor, record.Key))
        {
            _found.Add(one);
        }
    }
}
