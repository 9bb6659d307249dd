using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.HotKeys;

/// <summary>
/// The reports of all processes on what they read most of one keyspace: one record of the shared tier, which each rewrites with its own report in it, under the record's lease as any other value. So two that
/// meet lose nothing: the one that comes second reads, and writes the next time.
/// </summary>
/// <remarks>Under a name of its own beside the keyspace, which no keyspace can have. Filling is no change, so nothing of this is pushed to anybody.</remarks>
internal sealed class FleetReports(string keyspace, ISharedTier tier, Surroundings surroundings)
{
    /// <summary>Two exchanges missed, and a process counts no more.</summary>
    public const double AgeMaxSeconds = 3;

    /// <summary>Names the encoding.</summary>
    private const uint Codec = 0x686F_7431;

    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RecordTime = TimeSpan.FromSeconds(10);

    private readonly SharedKey _key = new(new PartitionId(keyspace + "~hot", 0), "reports");

    /// <summary>Puts a report among the others' and returns those; null if they could not be read.</summary>
    public async ValueTask<(IReadOnlyList<HotReport> Others, bool IsTold)?> ExchangeAsync(HotReport own, CancellationToken cancellationToken)
    {
        try
        {
            var ask = new LeaseAsk(surroundings.NextNonce(), LeaseTime);
            var lease = await tier.AcquireAsync(_key, ask, cancellationToken).ConfigureAwait(false);
            var grantedAt = surroundings.Now;
            var others = Read(await tier.ReadAsync(_key, null, cancellationToken).ConfigureAwait(false), own.Process);
            var isTold = lease.Outcome == LeaseOutcome.Granted && await TellAsync([own, .. others], ask.Nonce, lease.State, grantedAt, cancellationToken).ConfigureAwait(false);
            return (others, isTold);
        }
        catch (Exception failure) when (failure is SharedTierException or OperationCanceledException)
        {
            // Whoever reads the keyspace hears of a shared tier that is away; keys that are hot here are found without it.
            return null;
        }
    }

    private static HotReport[] Read(ReadReply reply, string own)
    {
        if (reply.Record is not { } record)
        {
            return [];
        }

        using (record.Owner)
        {
            var reports = record.Codec == Codec ? HotReport.Decode(record.Payload.Span) : [];
            return [.. reports.Select(one => one with { Age = one.Age + reply.Age.TotalSeconds }).Where(one => one.Process != own && one.Age <= AgeMaxSeconds)];
        }
    }

    private async ValueTask<bool> TellAsync(HotReport[] reports, Nonce nonce, PartitionState state, long grantedAt, CancellationToken cancellationToken)
    {
        var record = new SharedRecord
        {
            Kind = RecordKind.Value, Payload = HotReport.Encode(reports), Codec = Codec, TimeToLive = RecordTime, HardTimeToLive = RecordTime, Stamp = state.Sequence, Incarnation = state.Incarnation,
            FilledUnder = nonce,
        };
        var fill = new Fill(_key, nonce, record, TimeSpan.FromTicks(surroundings.Now - grantedAt));
        return (await tier.FillAsync(fill, cancellationToken).ConfigureAwait(false)).Outcome == FillOutcome.Stored;
    }
}
