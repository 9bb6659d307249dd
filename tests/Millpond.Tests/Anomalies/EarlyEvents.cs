using Millpond.Feeds;
using Millpond.Tests.Feeds;

namespace Millpond.Tests.Anomalies;

/// <summary>A change is told before reads show it.</summary>
public sealed class EarlyEvents
{
    private const int K = Fleet.K;

    [Fact]
    public void A67_event_before_visibility() => Assert.Equal("v2", WhatIsReadAfterAnEarlyEvent(saysSo: true));

    [Fact]
    public void A67_appears_where_a_change_is_applied_once() => Assert.Equal("v1", WhatIsReadAfterAnEarlyEvent(saysSo: false));

    [Fact]
    public void A67_is_not_confirmed_before_it_is_visible() => FeedRig.Run(rig =>
    {
        rig.Follow();
        rig.Log.ShowsAtOnce = false;
        rig.Write(K, "v2");
        rig.Caches.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(0ul, rig.Log.Confirmed);
        rig.Log.ShowAll();
        rig.Caches.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1ul, rig.Log.Confirmed);
        return Task.CompletedTask;
    });

    [Fact]
    public void What_comes_behind_an_early_event_is_confirmed_with_it() => FeedRig.Run(rig =>
    {
        // A sign of life and a transaction that is visible already, told while the one before them is not: nobody will ever say of them that they are visible.
        var sink = new FeedRunRig(rig);
        sink.Commit(1, isVisible: false);
        sink.Run.Heartbeat(new FeedPosition(2), TimeSpan.Zero);
        sink.Commit(3, isVisible: true);
        sink.Commit(4, isVisible: false);
        sink.Run.Heartbeat(new FeedPosition(5), TimeSpan.Zero);
        rig.Caches.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(sink.Run.Confirmed);
        sink.Run.Visible(new FeedPosition(1));
        rig.Caches.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new FeedPosition(3), sink.Run.Confirmed);
        sink.Run.Visible(new FeedPosition(4));
        rig.Caches.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new FeedPosition(5), sink.Run.Confirmed);
        return Task.CompletedTask;
    });

    private sealed class FeedRunRig : IChangeFeed
    {
        public FeedRunRig(FeedRig rig) => rig.Follow(feed: this);

        public IFeedSink Run { get; private set; } = null!;

        public void Commit(ulong place, bool isVisible)
        {
            var transaction = Run.Begin();
            transaction.Add(new RowChange(FeedRig.Table, RowChangeKind.Insert, null, LateChanges.Row("v1")));
            Run.Commit(transaction, new FeedCommit { Position = new FeedPosition(place), IsVisible = isVisible });
        }

        public Task FollowAsync(IFeedSink sink, CancellationToken stop)
        {
            Run = sink;
            sink.OnState(FeedState.Following, "by hand.");
            return new TaskCompletionSource().Task;
        }
    }

    private static string? WhatIsReadAfterAnEarlyEvent(bool saysSo)
    {
        string? read = null;
        FeedRig.Run(async rig =>
        {
            rig.Rows[K] = "v1";
            var (here, there) = (rig.Follow(), rig.Other());
            rig.Caches.Advance(TimeSpan.FromSeconds(2));

            // v2 is told before any read shows it; R takes its lease after that, and a slow load reads v1.
            rig.Log.ShowsAtOnce = !saysSo;
            rig.Rows.Hold();
            rig.Log.Commit(new RowChange(FeedRig.Table, RowChangeKind.Update, LateChanges.Row("v1"), LateChanges.Row("v2")));
            rig.Caches.Settle();
            var slow = there.GetAsync(K).AsTask();
            rig.Caches.Settle();
            rig.Rows[K] = "v2";
            rig.Log.ShowAll();
            rig.Caches.Settle();
            rig.Rows.Release();
            rig.Caches.Settle();
            Assert.Equal("v1", await slow);
            read = await here.GetAsync(K);
        });
        return read;
    }
}
