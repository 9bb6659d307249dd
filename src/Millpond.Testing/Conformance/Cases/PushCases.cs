using System.Runtime.CompilerServices;
using Millpond.Shared;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>Rule 7, the tier's side of it.</summary>
internal static class PushCases
{
    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        new("Every_change_after_a_confirmed_subscription_arrives_in_order", OrderAsync),
        new("Puts_and_write_fills_are_pushed_and_nothing_else_is", KindsAsync),
        new("Concurrent_changes_arrive_in_the_order_of_their_sequence", ConcurrentAsync),
        new("Nothing_arrives_after_a_subscription_was_disposed", DisposedAsync),
        new("Each_sink_has_a_subscription_of_its_own", TwoSinksAsync),
        new("Nothing_arrives_from_another_keyspace", OtherKeyspaceAsync),
        new("A_lossless_tier_tells_its_sinks_before_a_change_returns", LosslessAsync),
        new("A_sink_can_tell_that_the_engine_restarted", RestartAsync, ConformanceNeeds.Restart),
    ];

    private static async Task OrderAsync(SharedTierRun run)
    {
        await run.ChangeAsync(Change.OfKey("before")).ConfigureAwait(false);
        var sink = new RecordingSink();
        IAsyncDisposable subscription = await run.SubscribeAsync(sink).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable _ = subscription.ConfigureAwait(false);
        Change[] changes = [Change.OfKey("1"), Change.OfScope("#a"), Change.OfKey("2", AfterInvalidation.Stale), Change.OfKeyspace()];
        await run.ChangeAsync(changes[0], changes[1]).ConfigureAwait(false);
        ChangeReply last = await run.ChangeAsync(changes[2], changes[3]).ConfigureAwait(false);
        await ArrivedAsync(run, sink, 4).ConfigureAwait(false);
        Expect.All(changes.Select((c, i) => new SequencedChange(i + 2, c)), sink.Changes, "What arrived");
        Expect.True(sink.Messages.All(m => m.Partition == run.Partition), "each message names the partition");
        Expect.True(sink.Messages.All(m => m.Incarnation == last.State.Incarnation), "each message names the incarnation");
    }

    private static async Task KindsAsync(SharedTierRun run)
    {
        var sink = new RecordingSink();
        IAsyncDisposable subscription = await run.SubscribeAsync(sink).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable _ = subscription.ConfigureAwait(false);
        await run.StoreAsync(run.Key("loaded")).ConfigureAwait(false);
        await run.ReadAsync(run.Key("read"), run.NextNonce()).ConfigureAwait(false);
        Nonce released = run.NextNonce(), writer = run.NextNonce();
        await run.AcquireAsync(run.Key("released"), released).ConfigureAwait(false);
        await run.ReleaseAsync(run.Key("released"), released).ConfigureAwait(false);
        LeaseReply write = await run.AcquireAsync(run.Key("written"), writer, LeasePurpose.Write).ConfigureAwait(false);
        await run.FillAsync(run.Key("written"), writer, write.State).ConfigureAwait(false);
        await run.FillAsync(run.Key("written"), writer, write.State).ConfigureAwait(false);
        await run.PutAsync(run.Key("put"), SharedTierRun.Record(write.State)).ConfigureAwait(false);
        await ArrivedAsync(run, sink, 2).ConfigureAwait(false);
        await run.AdvanceAsync(0.3).ConfigureAwait(false);
        Expect.All(["written", "put"], sink.Changes.Select(c => c.Change.Name), "The keys that were pushed");
        Expect.All([1L, 2L], sink.Changes.Select(c => c.Sequence), "Their sequences");
    }

    private static async Task ConcurrentAsync(SharedTierRun run)
    {
        var sink = new RecordingSink();
        IAsyncDisposable subscription = await run.SubscribeAsync(sink).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable _ = subscription.ConfigureAwait(false);
        ValueTask<ChangeReply>[] changes = [.. Enumerable.Range(0, 100).Select(i => run.ChangeAsync(Change.OfKey($"{i}")))];
        foreach (ValueTask<ChangeReply> change in changes)
            await change.ConfigureAwait(false);
        await ArrivedAsync(run, sink, 100).ConfigureAwait(false);
        Expect.All(Enumerable.Range(1, 100).Select(i => (long)i), sink.Changes.Select(c => c.Sequence), "The sequences as they arrived");
    }

    private static async Task DisposedAsync(SharedTierRun run)
    {
        var sink = new RecordingSink();
        IAsyncDisposable subscription = await run.SubscribeAsync(sink).ConfigureAwait(false);
        await run.ChangeAsync(Change.OfKey("1")).ConfigureAwait(false);
        await ArrivedAsync(run, sink, 1).ConfigureAwait(false);
        await subscription.DisposeAsync().ConfigureAwait(false);
        await run.ChangeAsync(Change.OfKey("2")).ConfigureAwait(false);
        await run.AdvanceAsync(0.3).ConfigureAwait(false);
        Expect.Equal((1, false), (sink.Messages.Count, sink.IsBroken), "Messages, and whether the sink was told that the channel broke");
        await subscription.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task TwoSinksAsync(SharedTierRun run)
    {
        RecordingSink first = new(), second = new();
        IAsyncDisposable ends = await run.SubscribeAsync(first).ConfigureAwait(false);
        IAsyncDisposable stays = await run.SubscribeAsync(second).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable _ = stays.ConfigureAwait(false);
        await run.ChangeAsync(Change.OfKey("1")).ConfigureAwait(false);
        await ArrivedAsync(run, first, 1).ConfigureAwait(false);
        await ends.DisposeAsync().ConfigureAwait(false);
        await run.ChangeAsync(Change.OfKey("2")).ConfigureAwait(false);
        await ArrivedAsync(run, second, 2).ConfigureAwait(false);
        Expect.Equal(1, first.Messages.Count, "Messages of the sink that left");
    }

    private static async Task OtherKeyspaceAsync(SharedTierRun run)
    {
        var sink = new RecordingSink();
        IAsyncDisposable subscription = await run.SubscribeAsync(sink).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable _ = subscription.ConfigureAwait(false);
        await run.Tier.ChangeAsync(new PartitionId(run.Partition.Keyspace + "2", 0), [Change.OfKey("1")], default).ConfigureAwait(false);
        await run.ChangeAsync(Change.OfKey("2")).ConfigureAwait(false);
        await ArrivedAsync(run, sink, 1).ConfigureAwait(false);
        Expect.All(["2"], sink.Changes.Select(c => c.Change.Name), "What arrived");
    }

    private static async Task LosslessAsync(SharedTierRun run)
    {
        if (!run.Tier.Capabilities.PushIsLossless)
            return;
        var sink = new RecordingSink();
        IAsyncDisposable subscription = await run.SubscribeAsync(sink).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable _ = subscription.ConfigureAwait(false);
        for (int i = 1; i <= 10; i++)
        {
            await run.ChangeAsync(Change.OfKey("1")).ConfigureAwait(false);
            Expect.Equal(i, sink.Messages.Count, "Messages when the change returned");
        }
    }

    private static async Task RestartAsync(SharedTierRun run)
    {
        var sink = new RecordingSink();
        IAsyncDisposable subscription = await run.SubscribeAsync(sink).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable _ = subscription.ConfigureAwait(false);
        PartitionState before = (await run.ChangeAsync(Change.OfKey("1")).ConfigureAwait(false)).State;
        await run.Fixture.RestartAsync(RestartKind.Empty).ConfigureAwait(false);
        await run.ChangeAsync(Change.OfKey("2")).ConfigureAwait(false);
        await run.EventuallyAsync(
            () => sink.IsBroken || sink.Messages.Any(m => m.Incarnation != before.Incarnation),
            "after a restart a sink hears that its channel broke, or of another incarnation").ConfigureAwait(false);
    }

    private static Task ArrivedAsync(SharedTierRun run, RecordingSink sink, int count) =>
        run.EventuallyAsync(() => sink.Messages.Count >= count, $"{count} messages arrive");
}
