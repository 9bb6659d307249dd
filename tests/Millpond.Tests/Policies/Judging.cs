using Millpond.Local;
using Millpond.Partitions;
using Millpond.Policies;
using Millpond.Shared;
using Millpond.Testing.Time;

namespace Millpond.Tests.Policies;

/// <summary>The freshness decision as a truth table.</summary>
public sealed class Judging
{
    private static readonly Incarnation Life = new(1, 1);
    private readonly Judge _judge = new(ProtocolRules.Standard, new SimulatedSurroundings(1), trustTicks: 50);
    private readonly PartitionView _view = new(new PartitionId("k", 0));
    private readonly Policy _policy = new(
        new KeyspacePolicy { StaleWhileRevalidate = TimeSpan.FromTicks(20), StaleIfError = TimeSpan.FromTicks(40), RefreshAhead = 0.5, Jitter = 0 }, new KeyspaceLimits(), new HotKeyOptions());

    public Judging()
    {
        _view.BeginEpochNeedsGate(new(Life, 0, 0), FloorTable.Empty, now: 0);
        _view.TrustUntilNeedsGate(long.MaxValue);
    }

    [Theory]
    [InlineData(49, Verdict.Fresh)]
    [InlineData(50, Verdict.FreshButRenew)]
    [InlineData(99, Verdict.FreshButRenew)]
    [InlineData(100, Verdict.Stale)]
    [InlineData(139, Verdict.Stale)]
    [InlineData(140, Verdict.Gone)]
    internal void Time_takes_an_entry_from_fresh_to_gone(long now, Verdict verdict)
    {
        var judgement = _judge.Decide<string>(Entry(), _view, _policy, now);
        Assert.Equal(verdict, judgement.Verdict);
        Assert.Equal(now >= 100 ? StaleReason.Expired : StaleReason.None, judgement.Reason);
        Assert.Equal(now < 120, judgement.MayServe(now, _policy));
        Assert.Equal(now < 140, judgement.MayServeOnError(now, _policy));
    }

    [Fact]
    public void A_change_of_its_key_leaves_it_stale_from_then_on() =>
        Says(Entry() with { InvalidatedAt = 30 }, Verdict.Stale, StaleReason.Invalidated, since: 30);

    [Theory]
    [InlineData(AfterInvalidation.Gone, Verdict.Gone)]
    [InlineData(AfterInvalidation.Stale, Verdict.Stale)]
    internal void A_floor_above_it_leaves_what_the_policy_says(AfterInvalidation after, Verdict verdict)
    {
        _policy.Options.AfterInvalidation = after;
        _view.RaiseFloorNeedsGate(new(1, Change.OfScope("#red")), now: 25);
        _view.AdvanceNeedsGate(1);
        Says(Entry(), verdict, StaleReason.ScopeInvalidated, since: 25);
        Says(Entry() with { ValidAsOf = 1 }, Verdict.Fresh);

        Entry<string> other = Entry() with { Scopes = ["#blue"] };
        Assert.Equal(0, other.ValidAsOf);
        Assert.Equal(Verdict.Fresh, _judge.Decide(other, _view, _policy, 40).Verdict);
        Assert.Equal(1, other.ValidAsOf);
    }

    [Fact]
    public void Another_epoch_leaves_it_stale()
    {
        _view.BeginEpochNeedsGate(new(Life, 0, 0), FloorTable.Empty, now: 35);
        Says(Entry(), Verdict.Stale, StaleReason.Incarnation, since: 35);
    }

    [Fact]
    public void A_sequence_of_another_life_proves_nothing()
    {
        _view.BeginEpochNeedsGate(new(new(2, 2), 9, 9), FloorTable.Empty.RaiseScope("#red", 9, 1), now: 35);
        Says(Entry() with { ValidAsOf = 100, Epoch = 2 }, Verdict.Gone, StaleReason.ScopeInvalidated, since: 1);
    }

    [Fact]
    public void A_silent_channel_leaves_it_stale_two_heartbeats_after_the_last_proof()
    {
        _view.TrustUntilNeedsGate(30);
        Says(Entry(), Verdict.Fresh);
        var judgement = _judge.Decide<string>(Entry() with { FreshUntil = 1_000, QuietUntil = 1_000, HardUntil = 1_000 }, _view, _policy, 50);
        Assert.Equal((Verdict.Stale, StaleReason.ChannelSilent, 50L), (judgement.Verdict, judgement.Reason, judgement.StaleSince));
    }

    [Fact]
    public void Idle_too_long_it_is_gone() => Says(Entry() with { SlidingTicks = 10, IdleUntil = 40 }, Verdict.Gone, StaleReason.Expired, since: 100);

    private void Says(Held entry, Verdict verdict, StaleReason reason = StaleReason.None, long since = 0)
    {
        var judgement = _judge.Decide<string>(entry, _view, _policy, now: 40);
        Assert.Equal((verdict, reason), (judgement.Verdict, judgement.Reason));
        if (verdict is Verdict.Stale)
        {
            Assert.Equal(since, judgement.StaleSince);
        }
    }

    private static Held Entry() => new();

    private sealed record Held
    {
        public long QuietUntil { get; init; } = 50;

        public long FreshUntil { get; init; } = 100;

        public long HardUntil { get; init; } = 140;

        public long SlidingTicks { get; init; }

        public long IdleUntil { get; init; } = long.MaxValue;

        public long InvalidatedAt { get; init; }

        public long ValidAsOf { get; init; }

        public int Epoch { get; init; } = 1;

        public string[] Scopes { get; init; } = ["#red"];

        public static implicit operator Entry<string>(Held held) => new()
        {
            Value = "v",
            Kind = RecordKind.Value,
            LoadedAt = 0,
            FetchedAt = 0,
            QuietUntil = held.QuietUntil,
            FreshUntil = held.FreshUntil,
            HardUntil = held.HardUntil,
            LoadTicks = 0,
            SlidingTicks = held.SlidingTicks,
            IdleUntil = held.IdleUntil,
            InvalidatedAt = held.InvalidatedAt,
            Scopes = held.Scopes,
            FilledUnder = Nonce.None,
            Stamp = 0,
            ValidAsOf = held.ValidAsOf,
            Incarnation = Life,
            View = new PartitionView(new PartitionId("k", 0)),
            Epoch = held.Epoch,
            Origin = ReadOrigin.Source,
        };
    }
}
