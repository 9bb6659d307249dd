using Millpond.Journals;

namespace Millpond.Sim.Behind.Oracles;

/// <summary>A record that a journal has taken and the database has not applied.</summary>
internal sealed record TakenRecord(long Position, JournalKind Kind, long Mark, long Delta)
{
    /// <summary>Which commit of its item it is; 0 for counters.</summary>
    public int Index { get; init; }

    public bool IsBuried { get; set; }

    /// <summary>Gone from the journal, by its declaration or because it was given up: it may be applied all the same, and need not be.</summary>
    public bool IsLost { get; set; }
}
