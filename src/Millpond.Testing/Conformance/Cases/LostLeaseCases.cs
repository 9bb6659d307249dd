using Millpond.Shared;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>Rule 3, where the fill must not be stored: A1, A5, A6, A7, A24.</summary>
internal static class LostLeaseCases
{
    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        new("A1_a_fill_after_a_change_of_the_key_stores_nothing", AfterChangeAsync),
        new("A5_a_fill_after_an_eviction_stores_nothing", AfterEvictionAsync, ConformanceNeeds.Eviction),
        new("A6_a_fill_after_a_restart_stores_nothing", run => AfterRestartAsync(run, RestartKind.Empty), ConformanceNeeds.Restart),
        new("A7_a_fill_after_the_leases_time_stores_nothing", AfterTimeAsync),
        new("A24_a_lease_that_a_restart_brings_back_stores_nothing", run => AfterRestartAsync(run, RestartKind.WithRecords), ConformanceNeeds.Restart),
        new("A_fill_where_no_lease_ever_was_stores_nothing", NeverAsync),
        new("A_fill_with_the_nonce_of_another_stores_nothing", ForeignAsync),
        new("A_fill_from_another_incarnation_stores_nothing", OtherIncarnationAsync),
    ];

    private static async Task AfterChangeAsync(SharedTierRun run)
    {
        foreach (AfterInvalidation after in Enum.GetValues<AfterInvalidation>())
        {
            SharedKey key = run.Key(after.ToString());
            Nonce nonce = run.NextNonce();
            LeaseReply lease = await run.AcquireAsync(key, nonce).ConfigureAwait(false);
            await run.ChangeAsync(Change.OfKey(key.Text, after)).ConfigureAwait(false);
            await RefusedAsync(run, key, nonce, lease.State, $"A fill after a change to {after}").ConfigureAwait(false);
            // Also when the key was leased again: the nonce is another one.
            await run.AcquireAsync(key, run.NextNonce()).ConfigureAwait(false);
            await RefusedAsync(run, key, nonce, lease.State, "A fill after a change while the next holder loads").ConfigureAwait(false);
        }
    }

    private static async Task AfterEvictionAsync(SharedTierRun run)
    {
        Nonce nonce = run.NextNonce();
        LeaseReply lease = await run.AcquireAsync(run.Key(), nonce).ConfigureAwait(false);
        await run.Fixture.EvictAsync(run.Key()).ConfigureAwait(false);
        await RefusedAsync(run, run.Key(), nonce, lease.State, "A fill after an eviction").ConfigureAwait(false);
        Expect.Equal(LeaseOutcome.Granted, (await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false)).Lease, "The lease after an eviction");
    }

    private static async Task AfterRestartAsync(SharedTierRun run, RestartKind kind)
    {
        Nonce nonce = run.NextNonce();
        LeaseReply lease = await run.AcquireAsync(run.Key(), nonce).ConfigureAwait(false);
        await run.Fixture.RestartAsync(kind).ConfigureAwait(false);
        FillReply fill = await run.FillAsync(run.Key(), nonce, lease.State).ConfigureAwait(false);
        Expect.True(fill.Outcome != FillOutcome.Stored, "a fill under a lease from before a restart is refused");
        Expect.True(fill.State.Incarnation != lease.State.Incarnation, "the reply names another incarnation");
        Expect.Equal(LeaseOutcome.Granted, (await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false)).Lease, "The lease after a restart");
    }

    private static async Task AfterTimeAsync(SharedTierRun run)
    {
        Nonce nonce = run.NextNonce();
        LeaseReply lease = await run.Tier.AcquireAsync(run.Key(), new LeaseAsk(nonce, TimeSpan.FromSeconds(1)), default).ConfigureAwait(false);
        await run.AdvanceAsync(1.1).ConfigureAwait(false);
        await RefusedAsync(run, run.Key(), nonce, lease.State, "A fill after the lease's time").ConfigureAwait(false);
    }

    private static async Task NeverAsync(SharedTierRun run)
    {
        PartitionState state = await run.StateAsync().ConfigureAwait(false);
        await RefusedAsync(run, run.Key(), run.NextNonce(), state, "A fill without a lease").ConfigureAwait(false);
    }

    private static async Task ForeignAsync(SharedTierRun run)
    {
        Nonce nonce = run.NextNonce();
        LeaseReply lease = await run.AcquireAsync(run.Key(), nonce).ConfigureAwait(false);
        foreach (Nonce other in (Nonce[])[run.NextNonce(), nonce with { High = ~nonce.High }, nonce with { Low = ~nonce.Low }])
            await RefusedAsync(run, run.Key(), other, lease.State, "A fill with another nonce").ConfigureAwait(false);
        Expect.Equal(FillOutcome.Stored, (await run.FillAsync(run.Key(), nonce, lease.State).ConfigureAwait(false)).Outcome, "The holder's own fill");
    }

    private static async Task OtherIncarnationAsync(SharedTierRun run)
    {
        Nonce nonce = run.NextNonce();
        LeaseReply lease = await run.AcquireAsync(run.Key(), nonce).ConfigureAwait(false);
        PartitionState other = lease.State with { Incarnation = new Incarnation(1, 2) };
        FillReply fill = await run.FillAsync(run.Key(), nonce, other).ConfigureAwait(false);
        Expect.Equal(FillOutcome.OtherIncarnation, fill.Outcome, "A fill from another incarnation");
        Expect.Equal(lease.State.Incarnation, fill.State.Incarnation, "The incarnation in the reply");
    }

    private static async Task RefusedAsync(SharedTierRun run, SharedKey key, Nonce nonce, PartitionState loadedAt, string what)
    {
        Expect.Equal(FillOutcome.LeaseLost, (await run.FillAsync(key, nonce, loadedAt).ConfigureAwait(false)).Outcome, what);
        Expect.True((await run.ReadAsync(key).ConfigureAwait(false)).Record is null, $"{what} leaves no record");
    }
}
