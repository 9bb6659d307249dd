using Millpond.Sessions;
using Millpond.Runtime;

namespace Millpond.Feeds.Applying;

/// <summary>A feed as those see it who ask what it proves: its mark, and how far its database has come.</summary>
internal sealed class FollowedFeed
{
    // A mark is written once a second, so this is a minute's; what is older than the oldest is known as of that one.
    private const int HistoryMax = 64;

    private readonly FeedMarkStore _marks;
    private readonly Surroundings _surroundings;
    private readonly Lock _gate = new();
    private readonly List<(long AsOf, HomePosition Home)> _history = [];
    private ReadMark _last;

    public FollowedFeed(string name, FeedMarkStore marks, IHomeFeed? home, Surroundings surroundings, CancellationToken lifetime)
    {
        (Name, _marks, _surroundings, IsOfHome) = (name, marks, surroundings, home is not null);
        LoadsReadHome = home is null or { LoadsReadHome: true };
        if (home is not null)
        {
            (Home, Here) = (new PositionAsk(home.ReadHomeAsync, surroundings, lifetime), new PositionAsk(home.ReadHereAsync, surroundings, lifetime));
        }
    }

    public string Name { get; }

    /// <summary>Whether it says where its database stands in the history of a home database.</summary>
    public bool IsOfHome { get; }

    /// <summary>Whether what loads read is the home database, as far as anybody knows.</summary>
    public bool LoadsReadHome { get; }

    public PositionAsk? Home { get; }

    public PositionAsk? Here { get; }

    /// <summary>The mark as it was last read here.</summary>
    public ReadMark Last
    {
        get
        {
            lock (_gate)
            {
                return _last;
            }
        }
    }

    public async ValueTask ReadAsync()
    {
        var (mark, asOf) = await _marks.ReadAgedAsync().ConfigureAwait(false);
        lock (_gate)
        {
            _last = new ReadMark(mark, asOf, _surroundings.Now);
            if (mark is { IsWatermark: true, Home: { } home } && (_history.Count == 0 || _history[^1].AsOf < asOf))
            {
                _history.Add((asOf, home));
                if (_history.Count > HistoryMax)
                {
                    _history.RemoveAt(0);
                }
            }
        }
    }

    /// <summary>A place that is no earlier than whatever the database showed at a time; null if that is not known yet.</summary>
    public HomePosition? NoEarlierThan(long time)
    {
        lock (_gate)
        {
            var place = _history.FindIndex(one => one.AsOf >= time);
            return place < 0 ? null : _history[place].Home;
        }
    }
}

/// <summary>A mark, and what it was worth when it was read.</summary>
/// <param name="Mark">The mark; null if there is none.</param>
/// <param name="AsOf">When everything was told that its sequences stand for, on this process's clock.</param>
/// <param name="ReadAt">When it had been read.</param>
internal readonly record struct ReadMark(FeedMark? Mark, long AsOf, long ReadAt);
