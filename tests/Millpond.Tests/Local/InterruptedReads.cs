using Millpond.Events;
using Millpond.Local;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Local;

/// <summary>
/// The real reader, interrupted where it compares keys: whatever happens there, it returns what was held at some moment of the read, or nothing if nothing was. One thread; every
/// interruption at every comparison.
/// </summary>
public sealed class InterruptedReads
{
    private const int Key = 5;
    private const int ComparisonsMax = 4;

    /// <summary>What happens, and what is held for the key afterwards: its number, or 0 for nothing.</summary>
    private static readonly Dictionary<string, (Action<TierRig<ScriptedKey, Quad>> Happens, int After)> Happenings = new()
    {
        ["another value"] = (rig => Set(rig, Key, 2), 2),
        ["three other values"] = (rig => Array.ForEach([2, 3, 4], n => Set(rig, Key, n)), 4),
        ["removed"] = (Remove, 0),
        ["removed, and its slot taken by another key"] = (rig => { Remove(rig); Set(rig, 99, 9); }, 0),
        ["removed, its slot taken, and back elsewhere"] = (rig => { Remove(rig); Set(rig, 99, 9); Set(rig, Key, 3); }, 3),
        ["removed and back"] = (rig => { Remove(rig); Set(rig, Key, 3); }, 3),
        ["cleared"] = (rig => rig.Tier.Clear(), 0),
        ["cleared, and its slot taken"] = (rig => { rig.Tier.Clear(); Set(rig, 99, 9); }, 0),
        ["cleared and back"] = (rig => { rig.Tier.Clear(); Set(rig, 99, 9); Set(rig, Key, 3); }, 3),
        ["grown"] = (rig => Grow(rig), 1),
        ["grown, and another value"] = (rig => { Grow(rig); Set(rig, Key, 2); }, 2),
        ["removed, its slot taken, grown"] = (rig => { Remove(rig); Set(rig, 99, 9); Grow(rig); }, 0),
        ["expired"] = (rig => { rig.Now += TimeSpan.TicksPerDay * 2; Set(rig, 99, 9); }, 0),
    };

    public static TheoryData<string> Names => [.. Happenings.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_read_returns_what_was_held_before_or_after(string name)
    {
        var ran = 0;
        for (var comparison = 1; comparison <= ComparisonsMax; comparison++)
        {
            var after = Happenings[name].After;
            var hit = Interrupted(name, comparison, ref ran, rig => rig.Tier.TryHit(new ScriptedKey(Key), rig.NowMilliseconds) is { Flags: not 0 } found ? found.Value : null);
            Assert.True(hit is null || IsOneOf(hit.Value, 1, after), $"{name} at {comparison}: hit {hit}");

            var got = Interrupted(name, comparison, ref ran, rig => rig.Tier.Held(new ScriptedKey(Key))?.Value);
            Assert.True(got is null ? after == 0 || WasRemoved(name) : IsOneOf(got.Value, 1, after),
                $"{name} at {comparison}: got {got}");
        }

        Assert.InRange(ran, 2, 2 * ComparisonsMax);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_place_is_where_something_was_held_before_or_after(string name)
    {
        var ran = 0;
        for (var comparison = 1; comparison <= ComparisonsMax; comparison++)
        {
            var rig = NewRig();
            var before = PlaceOf(rig);
            ScriptedKey.At(comparison, () => Happenings[name].Happens(rig));
            var found = rig.Tier.PlaceOf(new ScriptedKey(Key));
            ran += ScriptedKey.Forget() ? 0 : 1;
            var after = PlaceOf(rig);
            Assert.True(found == before || found == after || (found == SlotPlace.Nowhere && WasRemoved(name)), $"{name} at {comparison}: {found}");
        }

        Assert.InRange(ran, 1, ComparisonsMax);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_noted_of_an_entry_that_is_there_no_more_is_noted_of_no_other(string name)
    {
        var rig = NewRig();
        Assert.True(rig.Tier.TryGet(new ScriptedKey(Key), out var entry));
        Happenings[name].Happens(rig);
        (entry.RetryAt, entry.ValidAsOf) = (77, 88);
        var isThere = name == "grown";
        Assert.Equal(isThere, rig.Tier.TryPause(new ScriptedKey(Key), entry));
        rig.Tier.Affirm(new ScriptedKey(Key), entry);
        Assert.True(new[] { Key, 99, 200 }.All(n => rig.Tier.Held(new ScriptedKey(n)) is not { } held || (held.RetryAt == 77 && held.ValidAsOf == 88) == (isThere && n == Key)));
        var count = rig.Tier.Count;
        rig.Tier.Remove(new ScriptedKey(Key), entry, EvictionCause.Expired);
        Assert.Equal(count - (isThere ? 1 : 0), rig.Tier.Count);
        rig.Tier.Validate();
    }

    private static bool IsOneOf(Quad value, int before, int after) => value.IsWholeOf(Key) && (value.Sequence == before || value.Sequence == after || value.Sequence is > 1 and < 5 && value.Sequence < after);

    private static bool WasRemoved(string name) => name.StartsWith("removed", StringComparison.Ordinal) || name.StartsWith("cleared", StringComparison.Ordinal);

    private static SlotPlace PlaceOf(TierRig<ScriptedKey, Quad> rig) => rig.Tier.Held(new ScriptedKey(Key))?.Place ?? SlotPlace.Nowhere;

    private static Quad? Interrupted(string name, int comparison, ref int ran, Func<TierRig<ScriptedKey, Quad>, Quad?> read)
    {
        var rig = NewRig();
        ScriptedKey.At(comparison, () => Happenings[name].Happens(rig));
        var result = read(rig);
        ran += ScriptedKey.Forget() ? 0 : 1;
        rig.Tier.Validate();
        return result;
    }

    private static TierRig<ScriptedKey, Quad> NewRig()
    {
        var rig = new TierRig<ScriptedKey, Quad>(1_000_000);
        Set(rig, 1, 1);
        Set(rig, Key, 1);
        return rig;
    }

    private static void Set(TierRig<ScriptedKey, Quad> rig, int key, int sequence) => rig.Tier.Set(new ScriptedKey(key), rig.Entry(new Quad(key, sequence), liveTicks: TimeSpan.TicksPerDay));

    private static void Remove(TierRig<ScriptedKey, Quad> rig) => rig.Tier.Remove(new ScriptedKey(Key), EvictionCause.Invalidated);

    private static void Grow(TierRig<ScriptedKey, Quad> rig)
    {
        for (var n = 200; n < 300; n++)
        {
            Set(rig, n, 1);
        }
    }
}
