using Millpond.Shared;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>Rules 5 and 6.</summary>
internal static class ChangeCases
{
    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        new("Each_change_takes_the_next_sequence_whatever_it_changes", SequenceAsync),
        new("A_hundred_concurrent_changes_take_a_hundred_sequences", ConcurrentAsync),
        new("A_scopes_floor_becomes_the_sequence_of_its_change", FloorsAsync),
        new("A_floor_never_vanishes_however_many_scopes_change", ManyFloorsAsync),
        new("Keyspaces_do_not_touch_each_other", KeyspacesAsync),
        new("A_change_to_gone_takes_the_value_away", GoneAsync, ConformanceNeeds.Values),
        new("A_change_to_stale_leaves_the_value_and_says_since_when", StaleAsync, ConformanceNeeds.Values),
        new("A_change_to_stale_ends_the_lease_and_keeps_the_value", StaleLeaseAsync, ConformanceNeeds.Values),
        new("A_fill_makes_a_stale_value_fresh", FreshAsync, ConformanceNeeds.Values),
    ];

    private static async Task SequenceAsync(SharedTierRun run)
    {
        Expect.Equal(0, (await run.StateAsync().ConfigureAwait(false)).Sequence, "The sequence before the first change");
        ChangeReply one = await run.ChangeAsync(Change.OfKey("never stored")).ConfigureAwait(false);
        ChangeReply four = await run.ChangeAsync(Change.OfScope("#a"), Change.OfKeyspace(), Change.OfKey("1")).ConfigureAwait(false);
        Expect.Equal((1, 4), (one.State.Sequence, four.State.Sequence), "The sequences after one change and three more");
        Expect.Equal((0, 3), (one.State.FloorSequence, four.State.FloorSequence), "The floor sequences");
        ChangeReply five = await run.ChangeAsync(Change.OfKey("1")).ConfigureAwait(false);
        Expect.Equal((5, 3), (five.State.Sequence, five.State.FloorSequence), "Sequence and floor sequence after a change of a key");
    }

    private static async Task ConcurrentAsync(SharedTierRun run)
    {
        ValueTask<ChangeReply>[] changes = [.. Enumerable.Range(0, 100).Select(i => run.ChangeAsync(Change.OfKey($"{i % 7}")))];
        var sequences = new List<long>();
        foreach (ValueTask<ChangeReply> change in changes)
            sequences.Add((await change.ConfigureAwait(false)).State.Sequence);
        Expect.All(Enumerable.Range(1, 100).Select(i => (long)i), sequences.Order(), "The sequences");
    }

    private static async Task FloorsAsync(SharedTierRun run)
    {
        await run.ChangeAsync(Change.OfScope("#a"), Change.OfScope("@b"), Change.OfKey("1"), Change.OfScope("#a")).ConfigureAwait(false);
        ControlReply control = await run.ReadControlAsync().ConfigureAwait(false);
        Expect.Equal((0, 4, 2), (control.KeyspaceFloor, Floor(control, "#a"), Floor(control, "@b")), "The floors of the keyspace, #a and @b");
        Expect.Equal(0, Floor(control, "#never"), "The floor of a scope that never changed");

        await run.ChangeAsync(Change.OfKeyspace()).ConfigureAwait(false);
        control = await run.ReadControlAsync().ConfigureAwait(false);
        Expect.Equal(5, control.KeyspaceFloor, "The keyspace's floor after its change");
    }

    private static async Task ManyFloorsAsync(SharedTierRun run)
    {
        const int scopes = 300;
        await run.ChangeAsync([.. Enumerable.Range(1, scopes).Select(i => Change.OfScope($"#{i}"))]).ConfigureAwait(false);
        await run.ChangeAsync(Change.OfScope("#1")).ConfigureAwait(false);
        ControlReply control = await run.ReadControlAsync().ConfigureAwait(false);
        for (int i = 2; i <= scopes; i++)
            Expect.True(Math.Max(control.KeyspaceFloor, Floor(control, $"#{i}")) >= i, $"what stands for scope {i} is not below its change");
        Expect.Equal(scopes + 1, Floor(control, "#1"), "The floor of the scope that changed last");
        Expect.True(control.KeyspaceFloor < scopes, "the newest changes have floors of their own");
    }

    private static long Floor(ControlReply control, string scope) => control.Floors.GetValueOrDefault(scope);

    private static async Task KeyspacesAsync(SharedTierRun run)
    {
        var other = new PartitionId(run.Partition.Keyspace + "2", 0);
        Nonce nonce = run.NextNonce();
        LeaseReply lease = await run.AcquireAsync(run.Key(), nonce).ConfigureAwait(false);
        ChangeReply change = await run.Tier.ChangeAsync(other, [Change.OfKey(run.Key().Text), Change.OfKeyspace()], default).ConfigureAwait(false);
        Expect.Equal(2, change.State.Sequence, "The other keyspace's sequence");
        PartitionState state = await run.StateAsync().ConfigureAwait(false);
        Expect.Equal((0, 0), (state.Sequence, state.FloorSequence), "This keyspace's sequence and floor sequence");
        Expect.Equal(FillOutcome.Stored, (await run.FillAsync(run.Key(), nonce, lease.State).ConfigureAwait(false)).Outcome, "This keyspace's fill");
    }

    private static async Task GoneAsync(SharedTierRun run)
    {
        await run.StoreAsync(run.Key()).ConfigureAwait(false);
        await run.ChangeAsync(Change.OfKey(run.Key().Text)).ConfigureAwait(false);
        ReadReply reply = await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false);
        Expect.True(reply.Record is null, "the value is gone");
        Expect.Equal(LeaseOutcome.Granted, reply.Lease, "The lease");
    }

    private static async Task StaleAsync(SharedTierRun run)
    {
        await run.StoreAsync(run.Key(), content: 5).ConfigureAwait(false);
        await run.ChangeAsync(Change.OfKey(run.Key().Text, AfterInvalidation.Stale)).ConfigureAwait(false);
        await run.AdvanceAsync(2).ConfigureAwait(false);
        await run.ChangeAsync(Change.OfKey(run.Key().Text, AfterInvalidation.Stale)).ConfigureAwait(false);
        await run.AdvanceAsync(1).ConfigureAwait(false);
        ReadReply reply = await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false);
        Expect.Equal(5, SharedTierRun.ContentOf(reply), "The value");
        Expect.Equal((true, LeaseOutcome.None), (reply.IsInvalidated, reply.Lease), "Invalidated, and the lease of a read");
        Expect.About(TimeSpan.FromSeconds(3), reply.InvalidatedFor, "the time since the first change");

        await run.ChangeAsync(Change.OfKey(run.Key().Text)).ConfigureAwait(false);
        Expect.True((await run.ReadAsync(run.Key()).ConfigureAwait(false)).Record is null, "a change to gone takes a stale value too");
    }

    private static async Task StaleLeaseAsync(SharedTierRun run)
    {
        await run.StoreAsync(run.Key()).ConfigureAwait(false);
        Nonce old = run.NextNonce();
        LeaseReply lease = await run.AcquireAsync(run.Key(), old).ConfigureAwait(false);
        await run.ChangeAsync(Change.OfKey(run.Key().Text, AfterInvalidation.Stale)).ConfigureAwait(false);
        Expect.Equal(FillOutcome.LeaseLost, (await run.FillAsync(run.Key(), old, lease.State).ConfigureAwait(false)).Outcome, "The fill");
        Expect.Equal(LeaseOutcome.Granted, (await run.AcquireAsync(run.Key(), run.NextNonce()).ConfigureAwait(false)).Outcome, "The next ask");
        Expect.True((await run.ReadAsync(run.Key()).ConfigureAwait(false)).IsInvalidated, "the stale value is still there");
    }

    private static async Task FreshAsync(SharedTierRun run)
    {
        await run.StoreAsync(run.Key(), content: 1).ConfigureAwait(false);
        await run.ChangeAsync(Change.OfKey(run.Key().Text, AfterInvalidation.Stale)).ConfigureAwait(false);
        await run.StoreAsync(run.Key(), content: 2).ConfigureAwait(false);
        ReadReply reply = await run.ReadAsync(run.Key()).ConfigureAwait(false);
        Expect.Equal((2, false, TimeSpan.Zero), (SharedTierRun.ContentOf(reply), reply.IsInvalidated, reply.InvalidatedFor), "What is read");
    }
}
