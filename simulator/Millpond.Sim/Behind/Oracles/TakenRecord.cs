using Millpond.Journals;

namespace Millpond.Sim.Behind.Oracles;

/// <summary>A record that a journal has taken and the database has not applied.</summary>
internal sealed record TakenRecord(long Position, JournalKind Kind, long Mark, long Delta)
{
    /// <summary>Which commit of its item it is; 0 for counters.</summary>
    public int Index { get; init; }

    public bool IsBuried { get; set; }

    /// <summary>How often the journal had fallen back when it took it.</summary>
    public int TakenIn { get; init; }

    /// <summary>From which fall on it is gone from the journal, by its declaration or because it was given up: it may be applied all the same, by a batch that was read before, and need not be.</summary>
    public int LostIn { get; set; } = int.MaxValue;

    public bool IsLost => LostIn != int.MaxValue;
}
