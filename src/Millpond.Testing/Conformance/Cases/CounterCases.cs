using Millpond.Shared;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>Counters.</summary>
internal static class CounterCases
{
    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        new("A_counter_begins_at_zero_and_takes_what_is_added", AddAsync),
        new("A_hundred_concurrent_increments_count_a_hundred", ConcurrentAsync),
        new("A_counter_lives_as_long_as_its_first_increment_said", TimeAsync),
        new("Counters_and_entries_of_one_key_do_not_meet", ApartAsync),
    ];

    private static ValueTask<long> AddAsync(SharedTierRun run, long delta, double? seconds = null) =>
        run.Tier.IncrementAsync(run.Key(), delta, seconds is { } time ? TimeSpan.FromSeconds(time) : null, default);

    private static async Task AddAsync(SharedTierRun run)
    {
        Expect.Equal(5, await AddAsync(run, 5).ConfigureAwait(false), "0 + 5");
        Expect.Equal(-2, await AddAsync(run, -7).ConfigureAwait(false), "5 - 7");
        Expect.Equal(-2, await AddAsync(run, 0).ConfigureAwait(false), "-2 + 0");
        Expect.Equal(1, await run.Tier.IncrementAsync(run.Key("18"), 1, null, default).ConfigureAwait(false), "Another counter");
    }

    private static async Task ConcurrentAsync(SharedTierRun run)
    {
        ValueTask<long>[] increments = [.. Enumerable.Range(0, 100).Select(_ => AddAsync(run, 1))];
        var seen = new List<long>();
        foreach (ValueTask<long> increment in increments)
            seen.Add(await increment.ConfigureAwait(false));
        Expect.All(Enumerable.Range(1, 100).Select(i => (long)i), seen.Order(), "The values returned");
    }

    private static async Task TimeAsync(SharedTierRun run)
    {
        await AddAsync(run, 1, seconds: 3).ConfigureAwait(false);
        await run.AdvanceAsync(2).ConfigureAwait(false);
        Expect.Equal(2, await AddAsync(run, 1, seconds: 3).ConfigureAwait(false), "The counter within its time");
        await run.AdvanceAsync(1.1).ConfigureAwait(false);
        Expect.Equal(1, await AddAsync(run, 1).ConfigureAwait(false), "The counter after its time, which the second increment did not renew");
        await run.AdvanceAsync(5).ConfigureAwait(false);
        Expect.Equal(2, await AddAsync(run, 1).ConfigureAwait(false), "A counter without a time");
    }

    private static async Task ApartAsync(SharedTierRun run)
    {
        Nonce nonce = run.NextNonce();
        LeaseReply lease = await run.AcquireAsync(run.Key(), nonce).ConfigureAwait(false);
        Expect.Equal(1, await AddAsync(run, 1).ConfigureAwait(false), "The counter");
        Expect.Equal(FillOutcome.Stored, (await run.FillAsync(run.Key(), nonce, lease.State).ConfigureAwait(false)).Outcome, "The fill");
        await run.ChangeAsync(Change.OfKey(run.Key().Text)).ConfigureAwait(false);
        Expect.Equal(2, await AddAsync(run, 1).ConfigureAwait(false), "The counter after a change of the key");
        Expect.True((await run.ReadAsync(run.Key()).ConfigureAwait(false)).Record is null, "the entry is not the counter");
    }
}
