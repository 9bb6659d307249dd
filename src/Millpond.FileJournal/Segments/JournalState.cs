using Millpond.FileJournal.Format;
using Millpond.Journals;

namespace Millpond.FileJournal.Segments;

/// <summary>What the entries of a journal add up to. Guarded by the journal's gate once it is open.</summary>
internal sealed class JournalState
{
    private (long From, long Through)? _gap;

    public string? Identity { get; set; }

    public string? Keyspace { get; set; }

    public long Token { get; set; }

    /// <summary>When what was settled last was, in ticks of UTC.</summary>
    public long SettledAt { get; private set; }

    public Backlog Backlog { get; init; } = new();

    /// <summary>Records that are in no file and that nothing read so far says are flushed.</summary>
    public (long From, long Through)? Missing => _gap is { } gap && gap.Through > Backlog.Acknowledged ? gap : null;

    public Checkpoint ToCheckpoint(long at) => new(Identity!, Keyspace!, Backlog.Last, Backlog.Acknowledged, Token, at, [.. Backlog.Dead]);

    public void Apply(Entry entry)
    {
        switch (entry)
        {
            case Written written when written.Record.Position > Backlog.Last:
                Backlog.Add(written.Record);
                break;
            case Acknowledged acknowledged:
                SettledAt = Math.Max(SettledAt, acknowledged.At);
                Backlog.Acknowledge(acknowledged.Through);
                break;
            case Buried buried:
                Backlog.Bury(buried.Letter);
                break;
            case Removed removed:
                SettledAt = Math.Max(SettledAt, removed.At);
                Backlog.Remove(removed.Key, removed.Through, removed.Settlement);
                break;
            case Led led:
                Token = Math.Max(Token, led.Token);
                break;
            case Checkpoint checkpoint:
                Apply(checkpoint);
                break;
        }
    }

    private void Apply(Checkpoint checkpoint)
    {
        (Identity, Keyspace, Token, SettledAt) = (checkpoint.Identity, checkpoint.Keyspace, Math.Max(Token, checkpoint.Token), Math.Max(SettledAt, checkpoint.At));
        if (checkpoint.Last > Math.Max(Backlog.Last, checkpoint.Acknowledged))
        {
            _gap = (Math.Max(Backlog.Last, checkpoint.Acknowledged) + 1, checkpoint.Last);
        }

        Backlog.StartAt(checkpoint.Last, checkpoint.Acknowledged);

        // An older file that came back after a crash may tell of letters that a file since deleted removed.
        var letters = checkpoint.Dead.Select(letter => letter.Record.Position).ToHashSet();
        foreach (var gone in Backlog.Dead.Where(letter => !letters.Contains(letter.Record.Position)).ToArray())
        {
            Backlog.Remove(gone.Record.Key, gone.Record.Position, Settlement.Applied);
        }

        foreach (var letter in checkpoint.Dead)
        {
            Backlog.Bury(letter);
        }
    }
}
