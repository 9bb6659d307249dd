using Millpond.Shared;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>Rule 2, and A13.</summary>
internal static class LeaseCases
{
    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        new("A_read_without_an_ask_grants_nothing", ReadOnlyAsync),
        new("A_read_of_an_absent_key_grants_the_lease_that_it_asks_for", GrantAsync),
        new("Of_a_hundred_concurrent_askers_one_wins_the_lease", OneOfHundredAsync),
        new("A_lease_that_somebody_holds_is_reported_as_held", HeldAsync),
        new("An_ask_with_the_nonce_of_the_living_lease_renews_it", RenewAsync),
        new("A_lease_that_is_extended_lives_on_and_fills", ExtendAsync),
        new("To_extend_a_lease_that_is_over_or_anothers_grants_nothing", ExtendNothingAsync),
        new("A_lease_ends_with_its_time", ExpiryAsync),
        new("A_release_ends_the_lease", ReleaseAsync),
        new("A_release_with_the_nonce_of_another_ends_nothing", ForeignReleaseAsync),
        new("A_release_that_comes_late_does_not_end_the_next_holders_lease", LateReleaseAsync),
        new("Each_key_has_a_lease_of_its_own", OwnLeasesAsync),
        new("Many_reads_grant_each_key_its_own_lease_in_order", ReadManyAsync),
    ];

    private static async Task ReadOnlyAsync(SharedTierRun run)
    {
        ReadReply first = await run.ReadAsync(run.Key()).ConfigureAwait(false);
        Expect.Equal(LeaseOutcome.None, first.Lease, "The lease of a read without an ask");
        ReadReply second = await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false);
        Expect.Equal(LeaseOutcome.Granted, second.Lease, "The lease after a read without an ask");
    }

    private static async Task GrantAsync(SharedTierRun run)
    {
        await run.ChangeAsync(Change.OfKey("other"), Change.OfScope("#a"), Change.OfKey("other")).ConfigureAwait(false);
        ReadReply reply = await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false);
        Expect.Equal(LeaseOutcome.Granted, reply.Lease, "The lease of an absent key");
        Expect.True(reply.Record is null, "an absent key has no record");
        Expect.Equal((3, 2), (reply.State.Sequence, reply.State.FloorSequence), "Sequence and floor sequence in the step that grants");
        Expect.True(reply.State.Incarnation.IsKnown, "the reply names the incarnation");
    }

    private static async Task OneOfHundredAsync(SharedTierRun run)
    {
        ValueTask<ReadReply>[] reads = [.. Enumerable.Range(0, 50).Select(_ => run.ReadAsync(run.Key(), run.NextNonce()))];
        ValueTask<LeaseReply>[] asks = [.. Enumerable.Range(0, 50).Select(_ => run.AcquireAsync(run.Key(), run.NextNonce()))];
        var outcomes = new List<LeaseOutcome>();
        foreach (ValueTask<ReadReply> read in reads)
            outcomes.Add((await read.ConfigureAwait(false)).Lease);
        foreach (ValueTask<LeaseReply> ask in asks)
            outcomes.Add((await ask.ConfigureAwait(false)).Outcome);
        Expect.Equal(1, outcomes.Count(o => o == LeaseOutcome.Granted), "Winners");
        Expect.Equal(99, outcomes.Count(o => o == LeaseOutcome.Held), "Those told that it is held");
    }

    private static async Task RenewAsync(SharedTierRun run)
    {
        var ask = new LeaseAsk(run.NextNonce(), TimeSpan.FromSeconds(2));
        Expect.Equal(LeaseOutcome.Granted, (await run.Tier.AcquireAsync(run.Key(), ask, default).ConfigureAwait(false)).Outcome, "The first ask");
        await run.AdvanceAsync(1.2).ConfigureAwait(false);
        Expect.Equal(LeaseOutcome.Renewed, (await run.Tier.AcquireAsync(run.Key(), ask, default).ConfigureAwait(false)).Outcome, "The same ask again");
        await run.AdvanceAsync(1.2).ConfigureAwait(false);
        Expect.Equal(LeaseOutcome.Held, (await run.AcquireAsync(run.Key(), run.NextNonce()).ConfigureAwait(false)).Outcome, "Another's ask after the first time and within the second");
        Expect.Equal(LeaseOutcome.Renewed, (await run.Tier.ReadAsync(run.Key(), ask, default).ConfigureAwait(false)).Lease, "A read with the same ask");
        await run.AdvanceAsync(2.1).ConfigureAwait(false);
        Expect.Equal(LeaseOutcome.Granted, (await run.Tier.AcquireAsync(run.Key(), ask, default).ConfigureAwait(false)).Outcome, "The same ask after the lease's time");
    }

    private static async Task ExtendAsync(SharedTierRun run)
    {
        var ask = new LeaseAsk(run.NextNonce(), TimeSpan.FromSeconds(2), LeasePurpose.Write);
        LeaseReply lease = await run.Tier.AcquireAsync(run.Key(), ask, default).ConfigureAwait(false);
        for (int i = 0; i < 2; i++)
        {
            await run.AdvanceAsync(1.2).ConfigureAwait(false);
            LeaseReply extended = await run.Tier.AcquireAsync(run.Key(), ask with { Purpose = LeasePurpose.Extend }, default).ConfigureAwait(false);
            Expect.Equal(LeaseOutcome.Renewed, extended.Outcome, "An extension within the lease's time");
        }

        Expect.Equal(LeaseOutcome.Held, (await run.AcquireAsync(run.Key(), run.NextNonce()).ConfigureAwait(false)).Outcome, "Another's ask after the first time and within the last");
        FillReply fill = await run.FillAsync(run.Key(), ask.Nonce, lease.State).ConfigureAwait(false);
        Expect.Equal(FillOutcome.Stored, fill.Outcome, "A fill under a lease that was extended");
        Expect.Equal(1, fill.State.Sequence, "The sequence after a fill under a lease that was taken to write and extended");
        Expect.Equal(LeaseOutcome.None, (await run.Tier.AcquireAsync(run.Key(), ask with { Purpose = LeasePurpose.Extend }, default).ConfigureAwait(false)).Outcome, "An extension after the fill");
    }

    private static async Task ExtendNothingAsync(SharedTierRun run)
    {
        var ask = new LeaseAsk(run.NextNonce(), TimeSpan.FromSeconds(2));
        LeaseAsk extension = ask with { Purpose = LeasePurpose.Extend };
        Expect.Equal(LeaseOutcome.None, (await run.Tier.AcquireAsync(run.Key(), extension, default).ConfigureAwait(false)).Outcome, "An extension of what never was");
        LeaseReply lease = await run.Tier.AcquireAsync(run.Key(), ask, default).ConfigureAwait(false);
        await run.ChangeAsync(Change.OfKey(run.Key().Text)).ConfigureAwait(false);
        Expect.Equal(LeaseOutcome.None, (await run.Tier.AcquireAsync(run.Key(), extension, default).ConfigureAwait(false)).Outcome, "An extension after a change");
        Expect.Equal(FillOutcome.LeaseLost, (await run.FillAsync(run.Key(), ask.Nonce, lease.State).ConfigureAwait(false)).Outcome, "A fill after a change and an extension");
        Nonce other = run.NextNonce();
        Expect.Equal(LeaseOutcome.Granted, (await run.AcquireAsync(run.Key(), other).ConfigureAwait(false)).Outcome, "Another's ask after all that");
        Expect.Equal(LeaseOutcome.None, (await run.Tier.AcquireAsync(run.Key(), extension, default).ConfigureAwait(false)).Outcome, "An extension while another holds the lease");
        Expect.Equal(FillOutcome.Stored, (await run.FillAsync(run.Key(), other, lease.State).ConfigureAwait(false)).Outcome, "The other's fill");
    }

    private static async Task HeldAsync(SharedTierRun run)
    {
        await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false);
        Expect.Equal(LeaseOutcome.Held, (await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false)).Lease, "A second read's lease");
        Expect.Equal(LeaseOutcome.Held, (await run.AcquireAsync(run.Key(), run.NextNonce()).ConfigureAwait(false)).Outcome, "A second ask's lease");
        Expect.Equal(LeaseOutcome.None, (await run.ReadAsync(run.Key()).ConfigureAwait(false)).Lease, "A read's lease that asked for none");
    }

    private static async Task ExpiryAsync(SharedTierRun run)
    {
        await run.Tier.AcquireAsync(run.Key(), new LeaseAsk(run.NextNonce(), TimeSpan.FromSeconds(2)), default).ConfigureAwait(false);
        await run.AdvanceAsync(1).ConfigureAwait(false);
        Expect.Equal(LeaseOutcome.Held, (await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false)).Lease, "The lease within its time");
        await run.AdvanceAsync(1.1).ConfigureAwait(false);
        Expect.Equal(LeaseOutcome.Granted, (await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false)).Lease, "The lease after its time");
    }

    private static async Task ReleaseAsync(SharedTierRun run)
    {
        Nonce nonce = run.NextNonce();
        LeaseReply lease = await run.AcquireAsync(run.Key(), nonce).ConfigureAwait(false);
        await run.ReleaseAsync(run.Key(), nonce).ConfigureAwait(false);
        FillReply fill = await run.FillAsync(run.Key(), nonce, lease.State).ConfigureAwait(false);
        Expect.Equal(FillOutcome.LeaseLost, fill.Outcome, "A fill under a lease given back");
        Expect.Equal(LeaseOutcome.Granted, (await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false)).Lease, "The lease after a release");
    }

    private static async Task ForeignReleaseAsync(SharedTierRun run)
    {
        Nonce nonce = run.NextNonce();
        LeaseReply lease = await run.AcquireAsync(run.Key(), nonce).ConfigureAwait(false);
        await run.ReleaseAsync(run.Key(), run.NextNonce()).ConfigureAwait(false);
        await run.ReleaseAsync(run.Key(), nonce with { High = nonce.High + 1_000 }).ConfigureAwait(false);
        await run.ReleaseAsync(run.Key(), nonce with { Low = ~nonce.Low }).ConfigureAwait(false);
        Expect.Equal(LeaseOutcome.Held, (await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false)).Lease, "The lease");
        FillReply fill = await run.FillAsync(run.Key(), nonce, lease.State).ConfigureAwait(false);
        Expect.Equal(FillOutcome.Stored, fill.Outcome, "A fill under the lease that another tried to release");
    }

    private static async Task LateReleaseAsync(SharedTierRun run)
    {
        Nonce old = run.NextNonce();
        await run.AcquireAsync(run.Key(), old).ConfigureAwait(false);
        await run.ChangeAsync(Change.OfKey(run.Key().Text)).ConfigureAwait(false);
        await run.AcquireAsync(run.Key(), run.NextNonce()).ConfigureAwait(false);
        await run.ReleaseAsync(run.Key(), old).ConfigureAwait(false);
        Expect.Equal(LeaseOutcome.Held, (await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false)).Lease, "The next holder's lease");
    }

    private static async Task OwnLeasesAsync(SharedTierRun run)
    {
        foreach (string text in (string[])["1", "2", "3"])
        {
            LeaseReply lease = await run.AcquireAsync(run.Key(text), run.NextNonce()).ConfigureAwait(false);
            Expect.Equal(LeaseOutcome.Granted, lease.Outcome, $"The lease of key {text}");
        }
    }

    private static async Task ReadManyAsync(SharedTierRun run)
    {
        await run.AcquireAsync(run.Key("2"), run.NextNonce()).ConfigureAwait(false);
        SharedKey[] keys = [run.Key("1"), run.Key("2"), run.Key("3")];
        LeaseAsk[] asks = [.. keys.Select(_ => SharedTierRun.Ask(run.NextNonce()))];
        IReadOnlyList<ReadReply> replies = await run.Tier.ReadManyAsync(keys, asks, default).ConfigureAwait(false);
        Expect.All([LeaseOutcome.Granted, LeaseOutcome.Held, LeaseOutcome.Granted], replies.Select(r => r.Lease), "The leases in the order of the keys");
        FillReply fill = await run.FillAsync(keys[2], asks[2].Nonce, replies[2].State).ConfigureAwait(false);
        Expect.Equal(FillOutcome.Stored, fill.Outcome, "A fill of the third key under the third ask");
        IReadOnlyList<ReadReply> again = await run.Tier.ReadManyAsync(keys, [], default).ConfigureAwait(false);
        Expect.All([LeaseOutcome.None, LeaseOutcome.None, LeaseOutcome.None], again.Select(r => r.Lease), "The leases of a read of many without asks");
    }
}
