using Millpond.Shared;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>What a tier that holds values does with them: puts, evictions (rule 1), restarts (rule 9).</summary>
internal static class ValueCases
{
    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        new("A_put_takes_a_sequence_and_ends_whatever_lease_there_is", PutAsync),
        new("A_put_is_stamped_with_its_own_step", PutStampAsync, ConformanceNeeds.Values),
        new("The_last_put_wins", LastPutAsync, ConformanceNeeds.Values),
        new("An_eviction_takes_value_and_lease_together", EvictionAsync, ConformanceNeeds.Values | ConformanceNeeds.Eviction),
        new("A_lease_on_a_value_leaves_it_readable", LeasedValueAsync, ConformanceNeeds.Values),
        new("A_value_from_before_a_restart_says_so", RestartAsync, ConformanceNeeds.Values | ConformanceNeeds.Restart),
    ];

    private static async Task PutAsync(SharedTierRun run)
    {
        Nonce nonce = run.NextNonce();
        LeaseReply lease = await run.AcquireAsync(run.Key(), nonce).ConfigureAwait(false);
        ChangeReply put = await run.PutAsync(run.Key(), SharedTierRun.Record(lease.State)).ConfigureAwait(false);
        Expect.Equal(1, put.State.Sequence, "The sequence of a put");
        Expect.Equal(FillOutcome.LeaseLost, (await run.FillAsync(run.Key(), nonce, lease.State).ConfigureAwait(false)).Outcome, "A fill after a put");
        ControlReply control = await run.ReadControlAsync(0, put.State.Incarnation).ConfigureAwait(false);
        Expect.All([new SequencedChange(1, Change.OfKey(run.Key().Text))], control.ChangesSince ?? [], "What changed");
    }

    private static async Task PutStampAsync(SharedTierRun run)
    {
        await run.ChangeAsync(Change.OfKeyspace(), Change.OfKeyspace()).ConfigureAwait(false);
        ChangeReply put = await run.PutAsync(run.Key(), SharedTierRun.Record(default)).ConfigureAwait(false);
        ReadReply read = await run.ReadAsync(run.Key()).ConfigureAwait(false);
        Expect.Equal((3, put.State.Incarnation), (read.Record?.Stamp ?? -1, read.Record?.Incarnation ?? default), "The stamp of a put");
    }

    private static async Task LastPutAsync(SharedTierRun run)
    {
        await run.PutAsync(run.Key(), SharedTierRun.Record(default, content: 1)).ConfigureAwait(false);
        await run.PutAsync(run.Key(), SharedTierRun.Record(default, content: 2)).ConfigureAwait(false);
        Expect.Equal(2, SharedTierRun.ContentOf(await run.ReadAsync(run.Key()).ConfigureAwait(false)), "The value");
    }

    private static async Task EvictionAsync(SharedTierRun run)
    {
        await run.StoreAsync(run.Key()).ConfigureAwait(false);
        Nonce nonce = run.NextNonce();
        LeaseReply lease = await run.AcquireAsync(run.Key(), nonce).ConfigureAwait(false);
        await run.Fixture.EvictAsync(run.Key()).ConfigureAwait(false);
        Expect.True((await run.ReadAsync(run.Key()).ConfigureAwait(false)).Record is null, "the value is gone");
        Expect.Equal(FillOutcome.LeaseLost, (await run.FillAsync(run.Key(), nonce, lease.State).ConfigureAwait(false)).Outcome, "A fill under its lease");
    }

    private static async Task LeasedValueAsync(SharedTierRun run)
    {
        await run.StoreAsync(run.Key(), content: 9).ConfigureAwait(false);
        Expect.Equal(LeaseOutcome.Granted, (await run.AcquireAsync(run.Key(), run.NextNonce()).ConfigureAwait(false)).Outcome, "A refresher's ask");
        ReadReply read = await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false);
        Expect.Equal((9, LeaseOutcome.None), (SharedTierRun.ContentOf(read), read.Lease), "The value and the lease of a read meanwhile");
        Expect.Equal(LeaseOutcome.Held, (await run.AcquireAsync(run.Key(), run.NextNonce()).ConfigureAwait(false)).Outcome, "A second refresher's ask");
    }

    private static async Task RestartAsync(SharedTierRun run)
    {
        await run.StoreAsync(run.Key()).ConfigureAwait(false);
        Incarnation before = (await run.StateAsync().ConfigureAwait(false)).Incarnation;
        await run.Fixture.RestartAsync(RestartKind.WithRecords).ConfigureAwait(false);
        ReadReply read = await run.ReadAsync(run.Key()).ConfigureAwait(false);
        Expect.True(read.State.Incarnation != before, "the partition is in another incarnation");
        Expect.True(read.Record is null || read.Record.Incarnation == before, "a record that survived is stamped in the incarnation before");
    }
}
