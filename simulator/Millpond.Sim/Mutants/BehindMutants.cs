using Millpond.Journals;
using Millpond.Policies;
using Millpond.Sim.Behind.Journals;
using Millpond.Sim.Behind.Sinks;

namespace Millpond.Sim.Mutants;

/// <summary>Bugs of write-behind: of the client, of a journal, of a database's ledger.</summary>
internal static class BehindMutants
{
    public static IReadOnlyList<Mutant> List { get; } =
    [
        Of("acknowledge-before-append", "A write is acknowledged when it is sent to the journal, and not when the journal has it (A52).") with { Rules = () => new AcknowledgesBeforeAppend() },
        Of("dirty-evicted", "Loads do not ask the journal, as if the tiers kept what is not flushed (A54).") with { Rules = () => new SourceAlone() },
        Of("pending-asked-last", "The source is read before the journal is asked, so that a flush in between hides a write from both (A54).") with { AsksPendingLast = true },
        Of("deltas-lost", "Of merged increments the last one counts (A57).") with { Rules = () => new LastDeltaWins() },
        Of("nothing-waits", "What is written behind a dead letter of its key is flushed (A58).") with { Rules = () => new NothingWaits() },
        Of("poison-dropped", "What the database refuses is put nowhere (A58).") with { Journal = new DropsDeadLetters() },
        Of("ledger-unread", "A flusher that takes over does not ask what is applied, and nothing that it sends is held against that (A57).") with { Sink = new LedgerUnread() },
        Of("fencing-unchecked", "A flusher that was thought dead may write and change dead letters (A56).") with { Sink = new FencingUnchecked(), Journal = new StepsUnchecked() },
        Of("own-flush-deletes-newer", "The flush of a key's older write takes its newer one from what is pending (A55).") with { Journal = new ForgetsNewer() },
        Of("pending-forgotten-early", "A record is pending until it is read to be flushed, and not until it is flushed (A54).") with { Journal = new ForgetsEarly() },
        Of("unanswered-is-refused", "An append that was not answered counts as refused (A15).") with { Journal = new UnansweredIsRefused() },
        Of("positions-again", "A journal that came back as an older copy gives positions again (A52).") with { Journal = new PositionsAgain() },
        Of("another-after-copy", "A journal that came back as an older copy is another one to the ledger (A53).") with { Journal = new AnotherAfterCopy() },
    ];

    private static Mutant Of(string name, string sin) => new(name, sin) { IsOfWriteBehind = true };

    private sealed class AcknowledgesBeforeAppend : ProtocolRules
    {
        public override bool AcknowledgesAfterAppend => false;
    }

    private sealed class SourceAlone : ProtocolRules
    {
        public override bool AsksPendingFirst => false;
    }

    private sealed class LastDeltaWins : ProtocolRules
    {
        public override long MergeDeltas(long older, long newer) => newer;
    }

    private sealed class NothingWaits : ProtocolRules
    {
        public override bool WaitsBehindDeadLetters => false;
    }

    private sealed class DropsDeadLetters : JournalRules
    {
        public override bool KeepsDeadLetters => false;
    }

    private sealed class ForgetsNewer : JournalRules
    {
        public override bool KeepsNewerPending => false;
    }

    private sealed class ForgetsEarly : JournalRules
    {
        public override bool KeepsPendingWhileFlushed => false;
    }

    private sealed class UnansweredIsRefused : JournalRules
    {
        public override JournalFailure Unanswered => JournalFailure.Refused;
    }

    private sealed class PositionsAgain : JournalRules
    {
        public override long SkipAfterFallBack => 0;
    }

    private sealed class AnotherAfterCopy : JournalRules
    {
        public override bool IsAnotherAfterFallBack => true;
    }

    private sealed class StepsUnchecked : JournalRules
    {
        public override bool MayStep(bool isHolder, long token, long newest) => true;
    }

    private sealed class LedgerUnread : SinkRules
    {
        public override long Told(long ledger) => 0;

        public override bool Follows(long ledger, long from) => true;
    }

    private sealed class FencingUnchecked : SinkRules
    {
        public override bool Follows(long ledger, long from) => true;

        public override bool MayWrite(long token, long newest) => true;
    }
}
