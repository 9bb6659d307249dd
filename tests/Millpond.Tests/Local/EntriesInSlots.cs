using Millpond.Local;
using Millpond.Partitions;
using Millpond.Shared;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Local;

/// <summary>What goes into a slot comes out of it, or something that errs to the safe side.</summary>
public sealed class EntriesInSlots
{
    private const long Millisecond = TimeSpan.TicksPerMillisecond;
    private const long Second = TimeSpan.TicksPerSecond;

    private readonly EntrySlots<int, string> _slots = new();
    private readonly PartitionView _view = TierRig<int, string>.NewView();
    private readonly long _now = TimeSpan.FromHours(5).Ticks + 1_234_567;

    [Fact]
    public void A_plain_entry_comes_back_whole()
    {
        var entry = new Entry<string>
        {
            Value = "five",
            Kind = RecordKind.Value,
            LoadedAt = _now - (3 * Second),
            FetchedAt = _now - (3 * Second),
            QuietUntil = _now + (40 * Second),
            FreshUntil = _now + (60 * Second),
            HardUntil = _now + (360 * Second),
            LoadTicks = 12_345_000,
            SlidingTicks = 0,
            Scopes = [],
            FilledMark = 47_111,
            Stamp = 900,
            ValidAsOf = 900,
            Incarnation = new Incarnation(1, 2),
            View = _view,
            Epoch = 3,
            Origin = ReadOrigin.Shared,
        };
        var read = RoundTrip(entry, _now);

        Assert.Equal(("five", RecordKind.Value, (ushort)47_111, 900L, 3, ReadOrigin.Shared), (read.Value, read.Kind, read.FilledMark, read.ValidAsOf, read.Epoch, read.Origin));
        Assert.Equal((new Incarnation(1, 2), false), (read.Incarnation, read.IsWide));
        Assert.Same(_view, read.View);
        Assert.Empty(read.Scopes);
        Assert.InRange(read.LoadTicks, 12_345_000 * 0.999, 12_345_000);
        IsCarefullyRounded(entry, read, toMilliseconds: 12);
        Assert.Equal((0L, 0L, long.MaxValue), (read.InvalidatedAt, read.RetryAt, read.IdleUntil));
    }

    [Fact]
    public void Random_entries_err_only_to_the_safe_side()
    {
        var chance = new Random(20);
        for (var n = 0; n < 3_000; n++)
        {
            var loadedAt = _now - Span(chance, 8);
            var quiet = _now + Span(chance, 10) - (n % 7 == 0 ? Span(chance, 9) : 0);
            var fresh = quiet + (n % 3 == 0 ? 0 : Span(chance, 9));
            var entry = Slotted.Entry(_view, "v", _now);
            entry = With(entry, new(loadedAt, loadedAt, quiet, fresh, fresh + (n % 5 * Second)), n % 11 == 0 ? ["s" + n] : []);
            var read = RoundTrip(entry, _now);
            if (read.IsWide || entry.Scopes.Length > 0)
            {
                Assert.Equal((entry.LoadedAt, entry.QuietUntil, entry.FreshUntil, entry.HardUntil), (read.LoadedAt, read.QuietUntil, read.FreshUntil, read.HardUntil));
            }
            else
            {
                IsCarefullyRounded(entry, read, toMilliseconds: 2 + ((fresh - quiet) / Millisecond / 2_000));
            }
        }
    }

    [Fact]
    public void What_few_entries_have_comes_back_exactly()
    {
        var entry = new Entry<string>
        {
            Value = null,
            Kind = RecordKind.Negative,
            LoadedAt = _now - 7,
            FetchedAt = _now - 3,
            QuietUntil = _now + 11,
            FreshUntil = _now + 12_345,
            HardUntil = _now + 23_456,
            LoadTicks = 0,
            SlidingTicks = 5 * Second,
            IdleUntil = _now + 5 * Second,
            Scopes = ["a", "b"],
            SourceVersion = "7.1",
            InvalidatedAt = _now - 1,
            RetryAt = _now + 2,
            Stamp = 5,
            ValidAsOf = 5,
            Incarnation = Incarnation.Unknown,
            View = _view,
            Epoch = 0,
            Origin = ReadOrigin.Source,
        };
        var read = RoundTrip(entry, _now);

        Assert.Equal((null, RecordKind.Negative, "7.1", 5 * Second, _now + (5 * Second)), (read.Value, read.Kind, read.SourceVersion, read.SlidingTicks, read.IdleUntil));
        Assert.Equal(entry.Scopes, read.Scopes);
        Assert.Equal((_now - 1, _now + 2), (read.InvalidatedAt, read.RetryAt));
        Assert.Equal((_now - 7, _now - 3, _now + 11), (read.LoadedAt, read.FetchedAt, read.QuietUntil));
        Assert.Equal((_now + 12_345, _now + 23_456), (read.FreshUntil, read.HardUntil));
        Assert.Equal(_now + 23_456, _slots.DeadlineNeedsGate(0));
    }

    [Fact]
    public void The_time_it_was_fetched_at_is_kept_if_the_channel_was_silent_then()
    {
        var silent = new PartitionView(new PartitionId("k", 1));
        silent.TrustUntilNeedsGate(_now - Second);
        var times = new EntryTimes(_now - (9 * Second), _now, _now + Second, _now + Second, _now + Second);

        Assert.Equal(_now, RoundTrip(With(Slotted.Entry(silent, "v", _now), times, []), _now).FetchedAt);
        var heard = RoundTrip(With(Slotted.Entry(_view, "v", _now), times, []), _now);
        Assert.InRange(heard.FetchedAt, times.LoadedAt - (2 * Millisecond), times.LoadedAt);
    }

    [Fact]
    public void Times_that_fit_no_slot_are_carried_beside_it()
    {
        var read = RoundTrip(Slotted.Entry(_view, "v", _now, TimeSpan.FromDays(400).Ticks), _now);
        Assert.Equal((true, _now + TimeSpan.FromDays(400).Ticks), (read.IsWide, read.FreshUntil));

        var endless = RoundTrip(With(Slotted.Entry(_view, "v", _now), new(0, 0, long.MaxValue, long.MaxValue, long.MaxValue), []), _now);
        Assert.Equal((true, long.MaxValue, long.MaxValue), (endless.IsWide, endless.QuietUntil, endless.HardUntil));

        var inThePast = RoundTrip(Slotted.Entry(_view, "v", _now - (9 * Second), Second), _now);
        Assert.Equal((true, _now - (8 * Second)), (inThePast.IsWide, inThePast.FreshUntil));
    }

    [Fact]
    public void Of_several_marks_the_first_change_and_the_last_pause_count()
    {
        RoundTrip(Slotted.Entry(_view, "v", _now, staleTicks: Second), _now);
        var whole = _slots.Read(0, out _)!;
        _slots.MarkNeedsGate(0, 0, _now + 5);
        Assert.Equal((0L, _now + 5), (_slots.Read(0, out _)!.InvalidatedAt, _slots.Read(0, out _)!.RetryAt));
        Assert.NotEqual(0u, _slots.Store.At(0).Quiet);
        _slots.MarkNeedsGate(0, 77, 0);
        _slots.MarkNeedsGate(0, 88, _now + 2);

        var read = _slots.Read(0, out _)!;
        Assert.Equal((77L, _now + 5), (read.InvalidatedAt, read.RetryAt));
        Assert.Equal((whole.LoadedAt, whole.QuietUntil, whole.FreshUntil, whole.HardUntil), (read.LoadedAt, read.QuietUntil, read.FreshUntil, read.HardUntil));
        Assert.Equal(0u, _slots.Store.At(0).Quiet);
    }

    [Fact]
    public void Affirming_an_entry_of_an_old_lineage_keeps_what_it_was_marked_with_since_it_was_found()
    {
        var found = RoundTrip(Slotted.Entry(_view, "v", _now, TimeSpan.FromDays(400).Ticks, validAsOf: 5), _now);
        _slots.MarkNeedsGate(0, _now + 1, _now + 2);
        found.ValidAsOf = 9;
        var later = _now + Lineage.AgeTicksMax + Second;
        _slots.AffirmNeedsGate(0, 1, found, later);

        var read = _slots.Read(0, out _)!;
        Assert.Equal((_now + 1, _now + 2, 9L), (read.InvalidatedAt, read.RetryAt, read.ValidAsOf));
        Assert.Equal(later / Millisecond * Millisecond, _slots.Lineages[_slots.Store.At(0).Lineage].BeganAt);
    }

    [Fact]
    public void What_is_proven_only_rises()
    {
        var found = RoundTrip(Slotted.Entry(_view, "v", _now, validAsOf: 50), _now);
        foreach (var (told, proven) in new[] { (60L, 60L), (55, 60), (50, 60), (61, 61) })
        {
            found.ValidAsOf = told;
            _slots.AffirmNeedsGate(0, 1, found, _now);
            Assert.Equal(proven, _slots.Read(0, out _)!.ValidAsOf);
        }
    }

    private static long Span(Random chance, int digits) => chance.NextInt64((long)Math.Pow(10, chance.Next(1, digits) + 4));

    private static Entry<string> With(Entry<string> entry, EntryTimes times, string[] scopes) => new()
    {
        Value = entry.Value,
        Kind = entry.Kind,
        LoadedAt = times.LoadedAt,
        FetchedAt = times.FetchedAt,
        QuietUntil = times.QuietUntil,
        FreshUntil = times.FreshUntil,
        HardUntil = times.HardUntil,
        LoadTicks = entry.LoadTicks,
        SlidingTicks = 0,
        Scopes = scopes,
        Stamp = 0,
        Incarnation = entry.Incarnation,
        View = entry.View,
        Epoch = entry.Epoch,
        Origin = entry.Origin,
    };

    private static void IsCarefullyRounded(Entry<string> entry, Entry<string> read, long toMilliseconds)
    {
        var error = toMilliseconds * Millisecond;
        Assert.InRange(read.LoadedAt, entry.LoadedAt - error, entry.LoadedAt);
        Assert.InRange(read.FetchedAt, entry.LoadedAt - error, entry.FetchedAt);
        Assert.InRange(read.QuietUntil, entry.QuietUntil - Millisecond, entry.QuietUntil);
        Assert.InRange(read.FreshUntil, entry.FreshUntil - error, entry.FreshUntil);
        Assert.InRange(read.HardUntil, entry.HardUntil - error, entry.HardUntil);
    }

    private Entry<string> RoundTrip(Entry<string> entry, long now)
    {
        if (_slots.Store.Used == 0)
        {
            _slots.Store.TakeNeedsGate();
        }

        Assert.True(_slots.TryWriteNeedsGate(0, 1, 17, entry, now));
        var read = _slots.Read(0, out var key);
        Assert.Equal(1, key);
        return Assert.IsType<Entry<string>>(read);
    }
}
