using System.Collections.Concurrent;
using Millpond.Events;

namespace Millpond.Postgres.Live.Tests.Live;

/// <summary>Keeps what feeds and the shared tier report, to be shown where a test fails.</summary>
internal sealed class FeedListener : CacheListener
{
    public ConcurrentQueue<string> All { get; } = new();

    public override void On(in FeedStateChanged e) => All.Enqueue($"{e.State}: {e.Detail} {e.Failure}");

    public override void On(in SharedTierFailed e) => All.Enqueue($"{e.Operation}: {e.Failure}");
}
