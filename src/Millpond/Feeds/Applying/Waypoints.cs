namespace Millpond.Feeds.Applying;

/// <summary>Which places of a feed stand for which places of its home database, until they have been confirmed.</summary>
internal sealed class Waypoints
{
    // As many as a burst between two confirmations has. Past it the newest takes the place of the one before, so what lies between is known a little later.
    private const int Max = 1_024;

    private readonly Lock _gate = new();
    private readonly LinkedList<(FeedPosition At, HomePosition Home)> _ahead = [];
    private HomePosition? _reached;

    public void Add(FeedPosition at, HomePosition home)
    {
        lock (_gate)
        {
            if (_ahead.Count >= Max || (_ahead.Last is { } last && last.Value.At.CompareTo(at) >= 0))
            {
                _ahead.RemoveLast();
            }

            _ahead.AddLast((at, home));
        }
    }

    /// <summary>The home database's place that a place of the feed stands for; null before the first is known.</summary>
    public HomePosition? UpTo(FeedPosition position)
    {
        lock (_gate)
        {
            while (_ahead.First is { } first && first.Value.At.CompareTo(position) <= 0)
            {
                _reached = first.Value.Home;
                _ahead.RemoveFirst();
            }

            return _reached;
        }
    }
}
