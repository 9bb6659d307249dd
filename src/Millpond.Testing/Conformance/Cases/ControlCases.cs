using Millpond.Shared;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>The control record: catching up, and rule 9.</summary>
internal static class ControlCases
{
    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        new("The_log_says_in_order_what_changed_since", SinceAsync),
        new("The_log_is_whole_or_says_that_it_is_not", ForgottenAsync),
        new("The_log_knows_nothing_of_a_sequence_that_was_never_given", AheadAsync),
        new("The_log_knows_nothing_of_another_incarnation", OtherIncarnationAsync),
        new("The_incarnation_is_known_and_stays_while_nothing_restarts", StableAsync),
        new("A_restart_begins_another_incarnation", RestartAsync, ConformanceNeeds.Restart),
    ];

    private static async Task SinceAsync(SharedTierRun run)
    {
        Change[] changes =
        [
            Change.OfKey("1"), Change.OfScope("#a"), Change.OfKey("2", AfterInvalidation.Stale), Change.OfKeyspace(), Change.OfKey("{x} y"),
        ];
        PartitionState state = (await run.ChangeAsync(changes).ConfigureAwait(false)).State;
        SequencedChange[] numbered = [.. changes.Select((change, i) => new SequencedChange(i + 1, change))];
        for (int since = 0; since <= changes.Length; since++)
        {
            ControlReply control = await run.ReadControlAsync(since, state.Incarnation).ConfigureAwait(false);
            Expect.True(control.ChangesSince is not null, $"five changes are remembered (since {since})");
            Expect.All(numbered[since..], control.ChangesSince!, $"What changed since {since}");
            Expect.Equal(state, control.State, "The state");
        }
    }

    private static async Task ForgottenAsync(SharedTierRun run)
    {
        const int count = 3_000;
        PartitionState state = default;
        foreach (string[] texts in Enumerable.Range(0, count).Select(i => $"{i}").Chunk(500))
            state = (await run.ChangeAsync([.. texts.Select(t => Change.OfKey(t))]).ConfigureAwait(false)).State;
        foreach (int since in (int[])[0, 1, 1_000, 2_500, count - 10, count])
        {
            ControlReply control = await run.ReadControlAsync(since, state.Incarnation).ConfigureAwait(false);
            if (control.ChangesSince is { } changes)
                Expect.All(Enumerable.Range(since + 1, count - since).Select(i => (long)i), changes.Select(c => c.Sequence), $"The log since {since}");
        }

        ControlReply newest = await run.ReadControlAsync(count, state.Incarnation).ConfigureAwait(false);
        Expect.Equal(0, newest.ChangesSince?.Count, "The count of changes since the newest");
    }

    private static async Task AheadAsync(SharedTierRun run)
    {
        PartitionState state = (await run.ChangeAsync(Change.OfKey("1")).ConfigureAwait(false)).State;
        ControlReply control = await run.ReadControlAsync(2, state.Incarnation).ConfigureAwait(false);
        Expect.True(control.ChangesSince is null, "there is no answer to what came after a sequence that is not yet given");
    }

    private static async Task OtherIncarnationAsync(SharedTierRun run)
    {
        await run.ChangeAsync(Change.OfKey("1")).ConfigureAwait(false);
        foreach (Incarnation other in (Incarnation[])[Incarnation.Unknown, new(1, 2)])
        {
            ControlReply control = await run.ReadControlAsync(0, other).ConfigureAwait(false);
            Expect.True(control.ChangesSince is null, "another incarnation has no changes to tell");
            Expect.Equal(1, control.State.Sequence, "The sequence");
        }
    }

    private static async Task StableAsync(SharedTierRun run)
    {
        PartitionState state = await run.StateAsync().ConfigureAwait(false);
        Expect.True(state.Incarnation.IsKnown, "the incarnation is known before the first change");
        ReadReply read = await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false);
        ChangeReply change = await run.ChangeAsync(Change.OfKeyspace()).ConfigureAwait(false);
        LeaseReply lease = await run.AcquireAsync(run.Key("2"), run.NextNonce()).ConfigureAwait(false);
        Incarnation[] seen = [read.State.Incarnation, change.State.Incarnation, lease.State.Incarnation];
        Expect.All([state.Incarnation, state.Incarnation, state.Incarnation], seen, "The incarnations of three replies");
    }

    private static async Task RestartAsync(SharedTierRun run)
    {
        foreach (RestartKind kind in Enum.GetValues<RestartKind>())
        {
            PartitionState before = (await run.ChangeAsync(Change.OfKey("1"), Change.OfScope("#a")).ConfigureAwait(false)).State;
            await run.Fixture.RestartAsync(kind).ConfigureAwait(false);
            ControlReply after = await run.ReadControlAsync(before.Sequence, before.Incarnation).ConfigureAwait(false);
            Expect.True(after.State.Incarnation.IsKnown && after.State.Incarnation != before.Incarnation, $"a restart ({kind}) has another incarnation");
            Expect.True(after.ChangesSince is null, "nothing is known of changes since a sequence of the life before");
        }
    }
}
