using Millpond.Events;
using Millpond.Local;
using Millpond.Partitions;
using Millpond.Policies;
using Millpond.Reading;
using Millpond.Runtime;
using Millpond.Shared;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Reading;

/// <summary>A flight table over a local tier, and just enough around them to make flights and entries. A value is the number of changes that it has seen.</summary>
internal sealed class FenceRig
{
    private readonly PartitionView _view = new(new PartitionId("thing:v1", 0));

    /// <param name="rules">The rules; null for the sound ones.</param>
    /// <param name="trustTicks">How long silence is trusted; for ever by default.</param>
    public FenceRig(ProtocolRules? rules = null, long trustTicks = long.MaxValue)
    {
        Local = new LocalTier<int, long>(Budget, new KeyspaceCounters(), new Surroundings(new TicksTime(() => Now)), long.MaxValue, slidesHere: true);
        Local.Limit(0, long.MaxValue);
        Table = new FlightTable<int, long>(Local, rules ?? ProtocolRules.Standard, trustTicks, () => Now);
    }

    public LocalBudget Budget { get; } = new();

    public long Now { get; set; }

    public PartitionView View => _view;

    public LocalTier<int, long> Local { get; }

    public FlightTable<int, long> Table { get; }

    public (Flight<int, long>? Flight, bool Created) Join(int key, long notBefore, Entry<long>? seen) =>
        Table.JoinOrRegister(key, notBefore, TierUse.All, seen, (Rig: this, notBefore), static (k, s) => s.Rig.NewFlight(k, s.notBefore));

    public Entry<long> NewEntry(long value, long validAsOf) => new()
    {
        Value = value,
        Kind = RecordKind.Value,
        LoadedAt = 0,
        FetchedAt = 0,
        QuietUntil = long.MaxValue,
        FreshUntil = long.MaxValue,
        HardUntil = long.MaxValue,
        LoadTicks = 0,
        SlidingTicks = 0,
        Scopes = [],
        FilledUnder = Nonce.None,
        Stamp = validAsOf,
        Incarnation = default,
        View = _view,
        Epoch = _view.Epoch,
        Origin = ReadOrigin.Shared,
        Bytes = 1_000,
        ValidAsOf = validAsOf,
    };

    private Flight<int, long> NewFlight(int key, long notBefore) =>
        new(key, new SharedKey(_view.Id, "k"), _view, 0, new WaitParts<long>(Surroundings.Real, new WaitReports("thing", new KeyspaceCounters(), CacheListener.Deaf, Surroundings.Real), _ => { }))
        {
            NotBefore = notBefore,
            Use = TierUse.All & ~TierUse.LocalRead,
        };
}
