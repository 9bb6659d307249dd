using Millpond.Shared;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>Leases for writing: A2, and the displacement that <see cref="LeasePurpose"/> promises.</summary>
internal static class WriteLeaseCases
{
    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        new("A_write_lease_displaces_a_load", DisplaceLoadAsync),
        new("Of_two_writers_only_the_one_that_began_last_may_store", LastWriterAsync),
        new("A_load_does_not_displace_a_write", LoadWaitsAsync),
        new("A_fill_under_a_write_lease_takes_a_sequence_and_one_under_a_load_lease_none", SequenceAsync),
        new("A_value_stays_readable_under_a_write_lease", ReadableAsync, ConformanceNeeds.Values),
    ];

    private static async Task DisplaceLoadAsync(SharedTierRun run)
    {
        Nonce loader = run.NextNonce(), writer = run.NextNonce();
        LeaseReply load = await run.AcquireAsync(run.Key(), loader).ConfigureAwait(false);
        LeaseReply write = await run.AcquireAsync(run.Key(), writer, LeasePurpose.Write).ConfigureAwait(false);
        Expect.Equal(LeaseOutcome.Granted, write.Outcome, "A write lease on a key that somebody loads");
        Expect.Equal(FillOutcome.LeaseLost, (await run.FillAsync(run.Key(), loader, load.State).ConfigureAwait(false)).Outcome, "The displaced load's fill");
        Expect.Equal(FillOutcome.Stored, (await run.FillAsync(run.Key(), writer, write.State).ConfigureAwait(false)).Outcome, "The writer's fill");
    }

    private static async Task LastWriterAsync(SharedTierRun run)
    {
        Nonce first = run.NextNonce(), second = run.NextNonce();
        LeaseReply one = await run.AcquireAsync(run.Key(), first, LeasePurpose.Write).ConfigureAwait(false);
        LeaseReply two = await run.AcquireAsync(run.Key(), second, LeasePurpose.Write).ConfigureAwait(false);
        Expect.Equal(FillOutcome.Stored, (await run.FillAsync(run.Key(), second, two.State).ConfigureAwait(false)).Outcome, "The last writer's fill");
        Expect.Equal(FillOutcome.LeaseLost, (await run.FillAsync(run.Key(), first, one.State).ConfigureAwait(false)).Outcome, "The first writer's fill");
    }

    private static async Task LoadWaitsAsync(SharedTierRun run)
    {
        await run.AcquireAsync(run.Key(), run.NextNonce(), LeasePurpose.Write).ConfigureAwait(false);
        Expect.Equal(LeaseOutcome.Held, (await run.AcquireAsync(run.Key(), run.NextNonce()).ConfigureAwait(false)).Outcome, "An ask to load");
        Expect.Equal(LeaseOutcome.Held, (await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false)).Lease, "A read's ask to load");
    }

    private static async Task SequenceAsync(SharedTierRun run)
    {
        await run.StoreAsync(run.Key()).ConfigureAwait(false);
        PartitionState loaded = await run.StateAsync().ConfigureAwait(false);
        Expect.Equal(0, loaded.Sequence, "The sequence after a load");

        Nonce writer = run.NextNonce();
        LeaseReply write = await run.AcquireAsync(run.Key(), writer, LeasePurpose.Write).ConfigureAwait(false);
        FillReply fill = await run.FillAsync(run.Key(), writer, write.State).ConfigureAwait(false);
        Expect.Equal(1, fill.State.Sequence, "The sequence in the reply to a write's fill");
        ControlReply control = await run.ReadControlAsync(0, loaded.Incarnation).ConfigureAwait(false);
        Expect.All([new SequencedChange(1, Change.OfKey(run.Key().Text))], control.ChangesSince ?? [], "What changed");
    }

    private static async Task ReadableAsync(SharedTierRun run)
    {
        await run.StoreAsync(run.Key(), content: 3).ConfigureAwait(false);
        Nonce writer = run.NextNonce();
        LeaseReply write = await run.AcquireAsync(run.Key(), writer, LeasePurpose.Write).ConfigureAwait(false);
        ReadReply during = await run.ReadAsync(run.Key()).ConfigureAwait(false);
        Expect.Equal(3, SharedTierRun.ContentOf(during), "The value while somebody writes");
        await run.FillAsync(run.Key(), writer, SharedTierRun.Record(write.State, content: 4)).ConfigureAwait(false);
        Expect.Equal(4, SharedTierRun.ContentOf(await run.ReadAsync(run.Key()).ConfigureAwait(false)), "The value after it");
    }
}
