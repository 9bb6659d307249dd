using Millpond.Shared;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>Rules 10 and 11: ages measured by the engine, and the end that always comes.</summary>
internal static class TimeCases
{
    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        new("A_record_grows_older_from_the_beginning_of_its_load", AgeAsync, ConformanceNeeds.Values),
        new("What_a_fill_spent_on_its_way_makes_the_value_older", OnTheWayAsync, ConformanceNeeds.Values),
        new("A_record_goes_at_its_hard_time_and_not_at_its_soft_one", HardAsync, ConformanceNeeds.Values),
        new("The_age_at_fill_counts_towards_the_hard_time", InheritedAsync, ConformanceNeeds.Values),
        new("A_sliding_record_stays_while_it_is_read_and_goes_when_it_is_not", SlidingAsync, ConformanceNeeds.Values),
        new("A_sliding_record_still_goes_at_its_hard_time", SlidingHardAsync, ConformanceNeeds.Values),
        new("A_lease_outlives_the_value_it_stands_beside", LeaseAsync, ConformanceNeeds.Values),
    ];

    private static async Task AgeAsync(SharedTierRun run)
    {
        await run.PutAsync(run.Key(), SharedTierRun.Record(default, ageSeconds: 5)).ConfigureAwait(false);
        Expect.About(TimeSpan.FromSeconds(5), (await run.ReadAsync(run.Key()).ConfigureAwait(false)).Age, "the age at once");
        await run.AdvanceAsync(2).ConfigureAwait(false);
        ReadReply read = await run.ReadAsync(run.Key()).ConfigureAwait(false);
        Expect.About(TimeSpan.FromSeconds(7), read.Age, "the age two seconds later");
        Expect.Equal(TimeSpan.FromSeconds(5), read.Record?.AgeAtFill, "The age at fill");
    }

    private static async Task OnTheWayAsync(SharedTierRun run)
    {
        ReadReply granted = await run.ReadAsync(run.Key(), new Nonce(1, 1)).ConfigureAwait(false);
        await run.AdvanceAsync(4).ConfigureAwait(false);
        SharedRecord record = SharedTierRun.Record(granted.State, ageSeconds: 1);
        await run.FillAsync(run.Key(), new Nonce(1, 1), record, sinceGrant: TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        Expect.About(TimeSpan.FromSeconds(4), (await run.ReadAsync(run.Key()).ConfigureAwait(false)).Age, "one second old when sent, three on the way");
    }

    private static async Task HardAsync(SharedTierRun run)
    {
        await run.PutAsync(run.Key(), SharedTierRun.Record(default, hardSeconds: 63, ageSeconds: 60)).ConfigureAwait(false);
        await run.AdvanceAsync(1).ConfigureAwait(false);
        Expect.True(await HasValueAsync(run).ConfigureAwait(false), "an expired record is still there before its hard time");
        await run.AdvanceAsync(2.1).ConfigureAwait(false);
        ReadReply read = await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false);
        Expect.True(read.Record is null, "a record is gone after its hard time");
        Expect.Equal(LeaseOutcome.Granted, read.Lease, "The lease");
    }

    private static async Task InheritedAsync(SharedTierRun run)
    {
        await run.PutAsync(run.Key(), SharedTierRun.Record(default, hardSeconds: 5, ageSeconds: 3)).ConfigureAwait(false);
        await run.AdvanceAsync(1).ConfigureAwait(false);
        Expect.True(await HasValueAsync(run).ConfigureAwait(false), "a record four seconds old is there");
        await run.AdvanceAsync(1.1).ConfigureAwait(false);
        Expect.True(!await HasValueAsync(run).ConfigureAwait(false), "a record past five seconds is gone");
    }

    private static async Task SlidingAsync(SharedTierRun run)
    {
        await run.PutAsync(run.Key(), SharedTierRun.Record(default, sliding: 2)).ConfigureAwait(false);
        for (int i = 0; i < 3; i++)
        {
            await run.AdvanceAsync(1.2).ConfigureAwait(false);
            Expect.True(await HasValueAsync(run).ConfigureAwait(false), "a record that is read in time stays");
        }

        await run.AdvanceAsync(2.1).ConfigureAwait(false);
        Expect.True(!await HasValueAsync(run).ConfigureAwait(false), "a record that nobody read for its sliding time is gone");
    }

    private static async Task SlidingHardAsync(SharedTierRun run)
    {
        await run.PutAsync(run.Key(), SharedTierRun.Record(default, hardSeconds: 3, sliding: 2)).ConfigureAwait(false);
        await run.AdvanceAsync(1.2).ConfigureAwait(false);
        Expect.True(await HasValueAsync(run).ConfigureAwait(false), "it is there at first");
        await run.AdvanceAsync(1.9).ConfigureAwait(false);
        Expect.True(!await HasValueAsync(run).ConfigureAwait(false), "reading does not carry it past its hard time");
    }

    private static async Task LeaseAsync(SharedTierRun run)
    {
        await run.PutAsync(run.Key(), SharedTierRun.Record(default, hardSeconds: 2)).ConfigureAwait(false);
        Nonce nonce = run.NextNonce();
        LeaseReply lease = await run.AcquireAsync(run.Key(), nonce).ConfigureAwait(false);
        await run.AdvanceAsync(2.1).ConfigureAwait(false);
        ReadReply read = await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false);
        Expect.True(read.Record is null, "the value is gone");
        Expect.Equal(LeaseOutcome.Held, read.Lease, "The lease");
        Expect.Equal(FillOutcome.Stored, (await run.FillAsync(run.Key(), nonce, lease.State).ConfigureAwait(false)).Outcome, "The holder's fill");
    }

    private static async Task<bool> HasValueAsync(SharedTierRun run) => (await run.ReadAsync(run.Key()).ConfigureAwait(false)).Record is not null;
}
