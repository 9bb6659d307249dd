using Millpond.Feeds;
using Millpond.Runtime;

namespace Millpond.Testing.Feeds;

/// <summary>
/// A source in memory with a log of its commits, and any number of feeds that follow it as instances of a program would: one at a time, from what was last confirmed. Commits may be told before reads show them.
/// </summary>
public sealed class InMemorySource
{
    private readonly Lock _gate = new();
    private readonly List<InMemoryCommit> _log = [];
    private readonly List<TaskCompletionSource<bool>> _news = [];
    private ulong _confirmed;
    private ulong _forgotten;
    private ulong _visible;
    private bool _down;
    private uint _timeline = 1;
    private InMemoryFeed? _leader;

    /// <summary>A source whose signs of life go by this time.</summary>
    /// <param name="time">The time; null for the system's.</param>
    public InMemorySource(TimeProvider? time = null) => Surroundings = time is null ? Surroundings.Real : new Surroundings(time);

    internal InMemorySource(Surroundings surroundings, InMemoryReplica? replica = null) => (Surroundings, Replica) = (surroundings, replica);

    /// <summary>Which home database it is, where a test has several.</summary>
    public ulong System { get; init; } = 1;

    /// <summary>The replica whose log this is; null for one that is written to.</summary>
    internal InMemoryReplica? Replica { get; }

    internal Surroundings Surroundings { get; }

    /// <summary>Whether what is committed is visible at once. If not, <see cref="ShowAll"/> makes it so.</summary>
    public bool ShowsAtOnce { get; set; } = true;

    /// <summary>Whether signs of life are given.</summary>
    public bool Beats { get; set; } = true;

    /// <summary>Where it stands in the history of its home, which is its own if it is no replica.</summary>
    public HomePosition Position => HomeOf(null);

    /// <summary>Up to which commit it has been confirmed.</summary>
    public ulong Confirmed
    {
        get
        {
            lock (_gate)
            {
                return _confirmed;
            }
        }
    }

    /// <summary>Names its history.</summary>
    internal string History { get; private set; } = "first";

    /// <summary>Puts itself back to how it was at a commit, and goes on from there in another history, as a database does that is restored.</summary>
    /// <param name="to">The commit.</param>
    public void Restore(FeedPosition to)
    {
        lock (_gate)
        {
            _log.RemoveRange((int)to.Major, _log.Count - (int)to.Major);
            (_confirmed, _visible) = (Math.Min(_confirmed, to.Major), Math.Min(_visible, to.Major));
            History += $", restored to {to}";
            _timeline++;
        }
    }

    /// <summary>Moves what is confirmed to the newest commit, as somebody does who makes a feed's place anew.</summary>
    public void MakeAnew()
    {
        lock (_gate)
        {
            _confirmed = (ulong)_log.Count;
        }
    }

    /// <summary>Another region's copy of it, which has what was committed when <see cref="InMemoryReplica.Replicate"/> has brought it.</summary>
    public InMemoryReplica NewReplica() => new(this);

    /// <summary>Another instance's feed.</summary>
    public InMemoryFeed NewFeed() => new(this);

    /// <summary>Commits a transaction.</summary>
    /// <param name="rows">What happened, in order.</param>
    /// <returns>Its place.</returns>
    public FeedPosition Commit(params IReadOnlyList<RowChange> rows) => Append(new InMemoryCommit(rows, null));

    /// <summary>Writes to the log what no feed can decode.</summary>
    /// <param name="table">The table that it concerns.</param>
    public FeedPosition CommitUndecodable(string table) => Append(new InMemoryCommit([], new FeedDoubt(table, FeedDoubtReason.Undecodable, "A message of another format.")));

    /// <summary>Shows to reads what has been committed until now, and tells the feed so.</summary>
    public void ShowAll()
    {
        lock (_gate)
        {
            _visible = (ulong)_log.Count;
        }

        Wake();
    }

    /// <summary>Forgets what has been committed until now, whether it was confirmed or not: the feed finds a gap.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _forgotten = (ulong)_log.Count;
        }

        Wake();
    }

    /// <summary>Breaks whoever follows, and answers nobody until <see cref="Start"/>.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _down = true;
        }

        Wake();
    }

    /// <summary>Answers again.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _down = false;
        }

        Wake();
    }

    /// <summary>Whether this feed follows now; if not, what to wait for.</summary>
    internal bool TryLead(InMemoryFeed feed, out Task news)
    {
        lock (_gate)
        {
            NeedsUp();
            news = NewsNeedsGate();
            return (_leader ??= feed) == feed;
        }
    }

    internal void LetGo(InMemoryFeed feed)
    {
        lock (_gate)
        {
            _leader = _leader == feed ? null : _leader;
        }

        Wake();
    }

    /// <summary>What came after a place, and what to wait for when that has been told.</summary>
    internal InMemoryNews Take(ulong told, FeedPosition? confirmed)
    {
        lock (_gate)
        {
            NeedsUp();
            _confirmed = Math.Max(_confirmed, confirmed?.Major ?? 0);
            List<(ulong Place, InMemoryCommit Commit, bool IsVisible)> commits = [];
            for (var place = Math.Max(told, _forgotten); place < (ulong)_log.Count;)
            {
                commits.Add((++place, _log[(int)place - 1], place <= _visible));
            }

            return new(commits, _forgotten > told ? _forgotten : null, _visible, NewsNeedsGate());
        }
    }

    /// <summary>The place of its home that one of its own stands for; of its newest for null.</summary>
    internal HomePosition HomeOf(ulong? place)
    {
        lock (_gate)
        {
            return HomeOfNeedsGate(place ?? (ulong)_log.Count);
        }
    }

    internal void Wake()
    {
        TaskCompletionSource<bool>[] news;
        lock (_gate)
        {
            news = [.. _news];
            _news.Clear();
        }

        foreach (var one in news)
        {
            one.TrySetResult(true);
        }
    }

    /// <summary>The commit behind a place, with where it is; null if there is none yet.</summary>
    internal InMemoryCommit? After(ulong place)
    {
        lock (_gate)
        {
            return place < (ulong)_log.Count ? _log[(int)place] with { Home = HomeOfNeedsGate(place + 1) } : null;
        }
    }

    // A replica that has been brought nothing is at the beginning of its home's history.
    private HomePosition HomeOfNeedsGate(ulong place) => Replica is null ? new HomePosition(System, _timeline, place)
        : place == 0 ? new HomePosition(Replica.Home.System, 1, 0)
        : _log[(int)place - 1].Home!.Value;

    internal FeedPosition Append(InMemoryCommit entry)
    {
        FeedPosition position;
        lock (_gate)
        {
            _log.Add(entry);
            position = new FeedPosition((ulong)_log.Count);
            _visible = ShowsAtOnce ? position.Major : _visible;
        }

        Wake();
        return position;
    }

    private void NeedsUp()
    {
        if (_down)
        {
            throw new IOException("The source is down.");
        }
    }

    private Task<bool> NewsNeedsGate()
    {
        var news = Surroundings.NewCompletion<bool>();
        _news.Add(news);
        return news.Task;
    }
}
