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
        new("A_counter_is_never_taken_over_the_most_that_was_asked_for", MaxAsync),
        new("A_counter_says_how_long_it_still_lives", TimeLeftAsync),
        new("Counters_are_exact_in_64_bits", ExactAsync),
        new("Counters_and_entries_of_one_key_do_not_meet", ApartAsync),
    ];

    private static async ValueTask<long> AddAsync(SharedTierRun run, long delta, double? seconds = null) =>
        (await CountAsync(run, delta, long.MaxValue, seconds).ConfigureAwait(false)).Sum;

    private static ValueTask<CounterReply> CountAsync(SharedTierRun run, long delta, long max, double? seconds = null) =>
        run.Tier.CountAsync(run.Key(), new CounterAsk(delta, seconds is { } time ? TimeSpan.FromSeconds(time) : null, max), default);

    private static async Task AddAsync(SharedTierRun run)
    {
        Expect.Equal(5, await AddAsync(run, 5).ConfigureAwait(false), "0 + 5");
        Expect.Equal(-2, await AddAsync(run, -7).ConfigureAwait(false), "5 - 7");
        Expect.Equal(-2, await AddAsync(run, 0).ConfigureAwait(false), "-2 + 0");
        Expect.Equal(1, (await run.Tier.CountAsync(run.Key("18"), new CounterAsk(1), default).ConfigureAwait(false)).Sum, "Another counter");
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

    private static async Task MaxAsync(SharedTierRun run)
    {
        Expect.Equal((0L, false), await SeenAsync(4, 3).ConfigureAwait(false), "4 onto nothing, at most 3");
        Expect.Equal((2L, true), await SeenAsync(2, 3).ConfigureAwait(false), "2 onto nothing, at most 3");
        Expect.Equal((2L, false), await SeenAsync(2, 3).ConfigureAwait(false), "2 onto 2, at most 3");
        Expect.Equal((3L, true), await SeenAsync(1, 3).ConfigureAwait(false), "1 onto 2, at most 3");
        Expect.Equal((1L, true), await SeenAsync(-2, 0).ConfigureAwait(false), "less is always counted");
        ValueTask<CounterReply>[] asks = [.. Enumerable.Range(0, 50).Select(_ => CountAsync(run, 1, 11))];
        int counted = 0;
        foreach (ValueTask<CounterReply> ask in asks)
            counted += (await ask.ConfigureAwait(false)).IsCounted ? 1 : 0;
        Expect.Equal(10, counted, "How many of fifty concurrent ones were counted up to 11");

        async Task<(long, bool)> SeenAsync(long delta, long max)
        {
            CounterReply reply = await CountAsync(run, delta, max).ConfigureAwait(false);
            return (reply.Sum, reply.IsCounted);
        }
    }

    private static async Task TimeLeftAsync(SharedTierRun run)
    {
        CounterReply first = await CountAsync(run, 1, 1, seconds: 3).ConfigureAwait(false);
        Expect.About(TimeSpan.FromSeconds(-3), -first.TimeLeft!.Value, "what is left at first, from below");
        await run.AdvanceAsync(1).ConfigureAwait(false);
        CounterReply refused = await CountAsync(run, 1, 1, seconds: 3).ConfigureAwait(false);
        Expect.Equal((1L, false), (refused.Sum, refused.IsCounted), "One more than allowed");
        Expect.About(TimeSpan.FromSeconds(-2), -refused.TimeLeft!.Value, "what is left a second later, from below");
        CounterReply forEver = await run.Tier.CountAsync(run.Key("18"), new CounterAsk(1), default).ConfigureAwait(false);
        Expect.Equal(null, forEver.TimeLeft, "What is left of a counter without a time");
    }

    private static async Task ExactAsync(SharedTierRun run)
    {
        const long large = (1L << 62) + 1;
        Expect.Equal(large, await AddAsync(run, large).ConfigureAwait(false), "2^62 + 1");
        Expect.Equal(large + 1, await AddAsync(run, 1).ConfigureAwait(false), "2^62 + 2");
        CounterReply refused = await CountAsync(run, 1, large + 1).ConfigureAwait(false);
        Expect.Equal((large + 1, false), (refused.Sum, refused.IsCounted), "One more, at most 2^62 + 2");
        CounterReply counted = await CountAsync(run, 1, large + 2).ConfigureAwait(false);
        Expect.Equal((large + 2, true), (counted.Sum, counted.IsCounted), "One more, at most 2^62 + 3");
        Expect.Equal(-1, await AddAsync(run, -large - 3).ConfigureAwait(false), "Below zero");
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
