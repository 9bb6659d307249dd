using Millpond.Shared;

namespace Millpond.Redis.Live.Tests.Live.Watched;

/// <summary>What goes wrong on the way of a watched step.</summary>
public sealed class Breakage(TwoWays engines) : IClassFixture<TwoWays>
{
    private static readonly PartitionId Partition = new("test:broken", 0);

    [Fact]
    public async Task Sessions_that_break_are_replaced()
    {
        for (var round = 0; round < 10; round++)
        {
            await engines.Watched.ChangeAsync(Partition, [Change.OfScope("#a")], default);
            await engines.Scripted.Client.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");

            // At once, while the loss of some is not noticed yet.
            var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => engines.Watched.AcquireAsync(new SharedKey(Partition, $"{round}.{i}"), Ask((ulong)i), default).AsTask()));
            Assert.All(replies, reply => Assert.Equal(LeaseOutcome.Granted, reply.Outcome));
        }
    }

    [Fact]
    public async Task A_caller_who_no_longer_waits_leaves_no_session_in_the_middle_of_something()
    {
        var cancelled = 0;
        for (var round = 0; round < 20; round++)
        {
            using var cancelling = new CancellationTokenSource();
            Task<ChangeReply>[] steps = [.. Enumerable.Range(0, 20).Select(_ => engines.Watched.ChangeAsync(Partition, [Change.OfKey("1")], cancelling.Token).AsTask())];
            await cancelling.CancelAsync();
            await Task.WhenAll(steps.Select(step => step.ContinueWith(static _ => { }, TaskScheduler.Default)));
            cancelled += steps.Count(step => step.IsCanceled);
        }

        Assert.NotEqual(0, cancelled);

        // Every change was made, waited for or not, and the next one comes behind them.
        var state = (await engines.Watched.ChangeAsync(Partition, [Change.OfKey("1")], default)).State;
        var told = await engines.Scripted.ReadControlAsync(Partition, state.Sequence - 10, state.Incarnation, default);
        Assert.Equal(state.Sequence, told.State.Sequence);
        Assert.Equal(Enumerable.Range(1, 10).Select(i => state.Sequence - 10 + i), told.ChangesSince!.Select(change => change.Sequence));
    }

    [Fact]
    public async Task Something_else_under_a_records_name_is_told_and_leaves_the_session_in_order()
    {
        var key = new SharedKey(Partition, "list");
        await engines.Scripted.Client.ExecuteAsync("LPUSH", engines.Watched.RecordKeyOf(key), "x");
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var failed = await Assert.ThrowsAsync<SharedTierException>(() => engines.Watched.AcquireAsync(key, Ask(1), default).AsTask());
            Assert.Contains("another program", failed.Message, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Equal(LeaseOutcome.Granted, (await engines.Watched.AcquireAsync(new SharedKey(Partition, "none"), Ask(1), default)).Outcome);
    }

    [Fact]
    public async Task A_counter_beyond_its_bounds_is_refused_and_stays()
    {
        var key = new SharedKey(Partition, "sum");
        Assert.Equal(long.MaxValue, (await engines.Watched.CountAsync(key, new CounterAsk(long.MaxValue, TimeSpan.FromHours(1)), default)).Sum);
        await Assert.ThrowsAsync<SharedTierException>(() => engines.Watched.CountAsync(key, new CounterAsk(1, TimeSpan.FromHours(1)), default).AsTask());
        Assert.Equal(long.MaxValue - 1, (await engines.Scripted.CountAsync(key, new CounterAsk(-1), default)).Sum);
    }

    private static LeaseAsk Ask(ulong who) => new(new Nonce(who + 1, 3), TimeSpan.FromMinutes(1));
}
