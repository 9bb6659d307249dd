using System.Threading.Channels;

namespace Catalog.Page;

/// <summary>Keeps the last minutes and hands each new second to every page that is open.</summary>
internal sealed class LivePage(About about)
{
    /// <summary>What the charts show.</summary>
    public const int HistorySeconds = 180;

    /// <summary>A page that falls this far behind loses the oldest seconds; it is shown the newest in any case.</summary>
    private const int BehindMax = 8;

    private readonly Lock _lock = new();
    private readonly Queue<LiveSample> _history = new();
    private readonly List<Channel<LiveSample>> _open = [];
    private bool _ended;

    public About About { get; } = about;

    public IReadOnlyList<LiveSample> History()
    {
        lock (_lock)
        {
            return [.. _history];
        }
    }

    public void Publish(LiveSample sample)
    {
        lock (_lock)
        {
            _history.Enqueue(sample);
            if (_history.Count > HistorySeconds)
            {
                _history.Dequeue();
            }

            foreach (Channel<LiveSample> page in _open)
            {
                page.Writer.TryWrite(sample);
            }
        }
    }

    /// <summary>Every sample from now on, until the page is closed or the program ends.</summary>
    public async IAsyncEnumerable<LiveSample> SubscribeAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var page = Channel.CreateBounded<LiveSample>(new BoundedChannelOptions(BehindMax) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_lock)
        {
            if (_ended)
            {
                yield break;
            }

            _open.Add(page);
        }

        try
        {
            await foreach (LiveSample sample in page.Reader.ReadAllAsync(cancellation))
            {
                yield return sample;
            }
        }
        finally
        {
            lock (_lock)
            {
                _open.Remove(page);
            }
        }
    }

    /// <summary>Lets every open page go, so that the server need not wait for them when it stops.</summary>
    public void End()
    {
        lock (_lock)
        {
            _ended = true;
            foreach (Channel<LiveSample> page in _open)
            {
                page.Writer.TryComplete();
            }
        }
    }
}
