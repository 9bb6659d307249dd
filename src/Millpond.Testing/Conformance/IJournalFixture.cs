using Millpond.Journals;

namespace Millpond.Testing.Conformance;

/// <summary>What a conformance case needs of a journal under test: an empty one that nobody has open. Each case gets a fixture of its own and disposes it.</summary>
public interface IJournalFixture : IAsyncDisposable
{
    /// <summary>What it can do of what cases need.</summary>
    JournalNeeds Has { get; }

    /// <summary>An instance of the journal, not opened yet: another process's, or the same program's after a restart.</summary>
    IWriteJournal NewJournal();

    /// <summary>Has the instances made from here on keep a trail.</summary>
    /// <param name="trail">How much of it.</param>
    void KeepTrail(TrailOptions trail);

    /// <summary>Ends an instance as a killed process ends, without a farewell. Returns when another may open the journal, and lead it.</summary>
    /// <param name="journal">The instance.</param>
    ValueTask KillAsync(IWriteJournal journal);

    /// <summary>Has every append from here on refused, as a full disk does, or takes that back.</summary>
    /// <param name="refusal">From now on, or no more.</param>
    ValueTask RefuseAsync(AppendRefusal refusal);

    /// <summary>Takes the lead from who has it without telling him: his connection is cut, or he is stopped for longer than the lead's time.</summary>
    ValueTask TakeLeadAwayAsync();

    /// <summary>Lets time pass: really, or on a clock that the fixture holds.</summary>
    /// <param name="time">How much.</param>
    ValueTask AdvanceAsync(TimeSpan time);
}

/// <summary>Whether appends are refused.</summary>
public enum AppendRefusal
{
    /// <summary>They are taken.</summary>
    Ends,

    /// <summary>They are refused.</summary>
    Begins,
}

/// <summary>What a case needs of a journal.</summary>
[Flags]
public enum JournalNeeds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Several instances may have it open at once (<see cref="JournalReach.Fleet"/>).</summary>
    Fleet = 1,

    /// <summary>The fixture can have appends refused.</summary>
    Refusal = 2,

    /// <summary>The fixture can take the lead away.</summary>
    LeadTaken = 4,

    /// <summary>It can keep a trail (<see cref="IWriteJournal.Trail"/>).</summary>
    Trail = 8,
}
