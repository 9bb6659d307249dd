using Millpond.Policies;
using Millpond.Tests.Anomalies;

namespace Millpond.Tests.Reading;

/// <summary>The fence between flights and changes, in every order that a few actors' steps can have.</summary>
public sealed class FlightFence
{
    [Fact]
    public void Two_reads_and_two_changes_in_every_order() =>
        Holds(25_200, run => [run.Reader(), run.Reader(), run.Change(), run.Change()]);

    [Fact]
    public void A_stricter_read_beside_another_and_two_changes_in_every_order() =>
        Holds(25_200, run => [run.Reader(), run.Reader(notBefore: 1), run.Change(), run.Change()]);

    [Fact]
    public void A_load_a_read_and_a_change_in_every_order() =>
        Holds(2_520, run => [run.Loader(), run.Reader(), run.Change()]);

    [Fact]
    public void A_load_and_two_changes_in_every_order() =>
        Holds(756, run => [run.Loader(), run.Change(), run.Change()]);

    [Fact]
    public void A_load_a_read_and_our_own_change_in_every_order() =>
        Holds(9_240, run => [run.Loader(), run.Reader(), run.OwnChange()]);

    [Fact]
    public void A_read_whose_caller_gives_up_and_two_changes_in_every_order() =>
        Holds(1_680, run => run.Abandoned() is var (reader, caller) ? [reader, caller, run.Change(), run.Change()] : []);

    [Fact]
    public void A_fence_whose_marks_are_ignored_is_caught() =>
        Assert.NotEmpty(Faults(new BrokenRules.MarksAreIgnored(), run => [run.Reader(), run.Change()], out _));

    private static void Holds(int orders, Func<FenceSteps, Action[][]> cast)
    {
        Assert.Empty(Faults(ProtocolRules.Standard, cast, out var tried));
        Assert.Equal(orders, tried);
    }

    private static List<string> Faults(ProtocolRules rules, Func<FenceSteps, Action[][]> cast, out int tried)
    {
        var faults = new List<string>();
        var count = 0;
        int[] lengths = [.. cast(new FenceSteps(rules)).Select(actor => actor.Length)];
        foreach (var order in Orders(lengths))
        {
            count++;
            var run = new FenceSteps(rules);
            var actors = cast(run);
            var at = new int[actors.Length];
            foreach (var who in order)
            {
                actors[who][at[who]++]();
                run.Check();
            }

            run.CheckAtRest();
            if (run.Fault is { } fault)
            {
                faults.Add($"{string.Concat(order)}: {fault}");
            }
        }

        tried = count;
        return faults;
    }

    /// <summary>Every order of the actors' steps that keeps each actor's own.</summary>
    private static IEnumerable<int[]> Orders(int[] lengths)
    {
        if (lengths.All(length => length == 0))
        {
            yield return [];
            yield break;
        }

        for (var who = 0; who < lengths.Length; who++)
        {
            if (lengths[who] == 0)
            {
                continue;
            }

            int[] left = [.. lengths];
            left[who]--;
            foreach (var rest in Orders(left))
            {
                yield return [who, .. rest];
            }
        }
    }
}
