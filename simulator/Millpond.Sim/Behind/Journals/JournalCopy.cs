using Millpond.Journals;

namespace Millpond.Sim.Behind.Journals;

/// <summary>A journal as it was at an instant.</summary>
internal sealed record JournalCopy(long Last, long Acknowledged, IReadOnlyList<JournalRecord> Records, IReadOnlyList<DeadLetter> Letters)
{
    public static JournalCopy Empty { get; } = new(0, 0, [], []);

    public static JournalCopy Of(Backlog backlog) => new(backlog.Last, backlog.Acknowledged, backlog.Read(backlog.Acknowledged, int.MaxValue), [.. backlog.Dead]);

    /// <summary>The same, with positions that go on above one.</summary>
    public Backlog Restored(long above)
    {
        var backlog = new Backlog();
        backlog.StartAt(Acknowledged, Acknowledged);
        foreach (var record in Records.Concat(Letters.Select(letter => letter.Record).Where(record => record.Position > Acknowledged)).OrderBy(record => record.Position))
            backlog.Add(record);
        foreach (var letter in Letters)
            backlog.Bury(letter);
        backlog.StartAt(above, Acknowledged);
        return backlog;
    }
}
