using Millpond.Partitions;
using Millpond.Policies;
using Millpond.Runtime;
using Millpond.Shared;
using Millpond.Shared.InProcess;

namespace Millpond.Tests.Anomalies;

/// <summary>Rules with one decision taken wrongly, each as a cache without the rule would take it.</summary>
internal static class BrokenRules
{
    public sealed class ChangesLeaveTheLease : InProcessRules
    {
        public override bool EndsLease(in Change change) => false;
    }

    public sealed class EveryFillIsStored : InProcessRules
    {
        public override FillOutcome JudgeFill(Nonce held, Nonce filling, Incarnation loadedIn, Incarnation current) => FillOutcome.Stored;
    }

    public sealed class NoGuardMeansYes : InProcessRules
    {
        public override FillOutcome JudgeFill(Nonce held, Nonce filling, Incarnation loadedIn, Incarnation current) =>
            held.IsNone || held == filling ? FillOutcome.Stored : FillOutcome.LeaseLost;
    }

    /// <summary>A counter that begins at 1 again after a restart: the first lease of one life has the token of the first lease of the next.</summary>
    public sealed class TokensCountFromOne : InProcessRules
    {
        public override FillOutcome JudgeFill(Nonce held, Nonce filling, Incarnation loadedIn, Incarnation current) =>
            held.IsNone ? FillOutcome.LeaseLost : FillOutcome.Stored;

        public override Incarnation AfterRestart(Incarnation before, Surroundings surroundings) => before;
    }

    public sealed class AnyoneUnlocks : InProcessRules
    {
        public override bool MayRelease(Nonce held, Nonce releasing) => true;
    }

    public sealed class RestartsGoUnnoticed : InProcessRules
    {
        public override Incarnation AfterRestart(Incarnation before, Surroundings surroundings) => before;
    }

    public sealed class StampedAfterTheLoad : ProtocolRules
    {
        public override long StampOfLoad(PartitionState atLease, PartitionState now) => now.Sequence;
    }

    public sealed class GapsGoUnnoticed : ProtocolRules
    {
        public override bool IsGap(long knownTo, long sequence) => false;
    }

    public sealed class ReadsThenSubscribes : ProtocolRules
    {
        public override bool SubscribesBeforeReading => false;
    }

    public sealed class MarksAreIgnored : ProtocolRules
    {
        public override bool MayKeepLocally(long validAsOf, long markedAt, int epoch, PartitionView view) => true;
    }

    public sealed class SilenceIsTrusted : ProtocolRules
    {
        public override bool IsTrusted(long now, long trustedUntil, long fetchedAt, long trustTicks) => true;
    }

    public sealed class AgesBeginAnew : ProtocolRules
    {
        public override long LoadedAt(long askedAt, long answeredAt, TimeSpan age) => answeredAt;
    }

    public sealed class EpochsAreIgnored : ProtocolRules
    {
        public override bool IsOfEpoch(int entryEpoch, int viewEpoch) => true;
    }

    public sealed class EveryEchoTouches : ProtocolRules
    {
        public override bool Touches(long changeSequence, long validAsOf) => true;
    }
}
