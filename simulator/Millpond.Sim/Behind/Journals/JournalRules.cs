using Millpond.Journals;

namespace Millpond.Sim.Behind.Journals;

/// <summary>What a simulated journal decides, so that deliberate bugs can break one decision at a time.</summary>
internal class JournalRules
{
    public static JournalRules Sound { get; } = new();

    /// <summary>How many positions, and tokens, are left out where some may have been given that are not known any more.</summary>
    public virtual long SkipAfterFallBack => 1L << 32;

    /// <summary>Whether an older copy is another journal.</summary>
    public virtual bool IsAnotherAfterFallBack => false;

    /// <summary>Whether the newest state of a key stays pending when an older record of it is acknowledged.</summary>
    public virtual bool KeepsNewerPending => true;

    /// <summary>Whether a record is pending until it is acknowledged, and not only until it is read.</summary>
    public virtual bool KeepsPendingWhileFlushed => true;

    /// <summary>Whether what is put aside is kept.</summary>
    public virtual bool KeepsDeadLetters => true;

    /// <summary>What a caller is told whose append was not answered.</summary>
    public virtual JournalFailure Unanswered => JournalFailure.OutcomeUnknown;

    /// <summary>Whether who asks to change something is the one who leads.</summary>
    public virtual bool MayStep(bool isHolder, long token, long newest) => isHolder && token == newest;
}
