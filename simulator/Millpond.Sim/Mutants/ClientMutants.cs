using Millpond.Partitions;
using Millpond.Policies;
using Millpond.Shared;

namespace Millpond.Sim.Mutants;

/// <summary>Bugs of a client: each overrides one decision of <see cref="ProtocolRules"/>.</summary>
internal static class ClientMutants
{
    public static IReadOnlyList<Mutant> List { get; } =
    [
        new("counter-as-token", "Leases are named by a counter in the record that begins anew with it, so that a dead one's name comes back (rule 2, A6).") { Tokens = Counter },
        new("stamp-after-load", "A load is stamped with what was known after it (rule 6, A12).") { Rules = () => new StampAfterLoad() },
        new("marked-flight-kept", "A flight keeps its value although a change was heard meanwhile (rule 7, A34).") { Rules = () => new MarkedFlightKept() },
        new("fresh-age", "What is read from the shared tier is as young as if it had just been loaded (rule 7, A40).") { Rules = () => new FreshAge() },
        new("ignores-gaps", "A push that does not follow on the last one is taken as if it did (rule 7, A32).") { Rules = () => new IgnoresGaps() },
        new("trusts-silence", "A silent channel is trusted for ever (rule 7, A35).") { Rules = () => new TrustsSilence() },
        new("ignores-epoch", "Entries of an ended epoch are served as fresh (rule 9).") { Rules = () => new IgnoresEpoch() },
        new("ignores-incarnation", "Records stamped in another life of the shared tier count as fresh (rule 9, A23, A27).") { Rules = () => new IgnoresIncarnation() },
        new("ignores-floors", "The floors of scopes are not compared (rule 6).") { Rules = () => new IgnoresFloors() },
        new("unknown-write-is-none", "A write whose outcome is unknown counts as none (A15).") { Rules = () => new UnknownWriteIsNone() },
        new("ignores-pushes", "A pushed change of a key touches nothing held here (rule 7).") { Rules = () => new IgnoresPushes() },
    ];

    private static Func<Nonce> Counter()
    {
        // A counter kept for each key hardly ever gets past its first number before the record, and the counter in it, is lost again.
        return () => new Nonce(1, 1);
    }

    private sealed class StampAfterLoad : ProtocolRules
    {
        public override long StampOfLoad(PartitionState atLease, PartitionState now) => now.Sequence;
    }

    private sealed class MarkedFlightKept : ProtocolRules
    {
        public override bool MayKeepLocally(long validAsOf, long markedAt, int epoch, PartitionView view) => epoch == view.Epoch;
    }

    private sealed class FreshAge : ProtocolRules
    {
        public override long LoadedAt(long askedAt, long answeredAt, TimeSpan age) => answeredAt;
    }

    private sealed class IgnoresGaps : ProtocolRules
    {
        public override bool IsGap(long knownTo, long sequence) => false;
    }

    private sealed class TrustsSilence : ProtocolRules
    {
        public override bool IsTrusted(long now, long trustedUntil, long fetchedAt, long trustTicks) => true;
    }

    private sealed class IgnoresEpoch : ProtocolRules
    {
        public override bool IsOfEpoch(int entryEpoch, int viewEpoch) => true;
    }

    private sealed class IgnoresIncarnation : ProtocolRules
    {
        public override bool IsOfIncarnation(Incarnation record, Incarnation partition) => true;
    }

    private sealed class IgnoresFloors : ProtocolRules
    {
        public override Floor FloorAbove(long validAsOf, string[] scopes, PartitionView view) => default;
    }

    private sealed class UnknownWriteIsNone : ProtocolRules
    {
        public override bool MayHaveWritten(WriteResultKind? result) => result == WriteResultKind.Written;
    }

    private sealed class IgnoresPushes : ProtocolRules
    {
        public override bool Touches(long changeSequence, long validAsOf) => false;
    }
}
