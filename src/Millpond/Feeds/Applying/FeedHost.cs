namespace Millpond.Feeds.Applying;

/// <summary>The change feeds of one cache.</summary>
internal sealed class FeedHost : IAsyncDisposable
{
    // How long a feed may take to let go of its source. Past it the process ends anyway, and the source finds out by itself.
    private static readonly TimeSpan FarewellMax = TimeSpan.FromSeconds(2);

    private readonly List<(FeedRelay Relay, IChangeFeed Feed)> _feeds = [];
    private readonly Dictionary<string, IReadOnlyList<FeedTable>> _tables = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _lifetime = new();
    private readonly Runtime.Surroundings _surroundings;
    private bool _started;

    public FeedHost(IReadOnlyList<(string Name, Func<IServiceProvider, IChangeFeed> Make)> declared, IReadOnlyList<IFeedTarget> targets, CacheParts parts)
    {
        _surroundings = parts.Surroundings;
        var marksOf = targets.ToDictionary(target => target, _ => new List<FollowedFeed>());
        foreach (var (name, make) in declared)
        {
            var rules = new RuleBook(name, targets);
            var marks = new FeedMarkStore(parts.Prefix, name, parts.Tier, parts.Surroundings, _lifetime.Token);
            var feed = make(parts.Services);
            var relay = new FeedRelay(feed, rules, new FeedLives(marks, rules, parts.Surroundings), new FeedLog(name, parts.Listener, parts.Surroundings), parts.Surroundings, _lifetime.Token);
            _feeds.Add((relay, feed));
            _tables[name] = rules.Tables;
            foreach (var target in rules.Targets)
            {
                marksOf[target].Add(new FollowedFeed(name, marks, feed as IHomeFeed, parts.Surroundings, _lifetime.Token));
            }
        }

        foreach (var (target, marks) in marksOf)
        {
            target.ProveBy(new FeedProof(marks, parts.Surroundings, _lifetime.Token));
        }
    }

    public int Count => _feeds.Count;

    /// <summary>The tables that rules follow in a feed, with the columns that they read; none if there is no feed of the name.</summary>
    public IReadOnlyList<FeedTable> TablesOf(string feed) => _tables.GetValueOrDefault(feed, []);

    public IReadOnlyList<FeedStatistics> Statistics() => [.. _feeds.Select(one => one.Relay.Log.Statistics())];

    public void Start()
    {
        if (!_started)
        {
            _started = true;
            foreach (var (relay, _) in _feeds)
            {
                relay.Start();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _lifetime.Cancel();
        foreach (var (relay, feed) in _feeds)
        {
            if (!relay.StoppedAsync().IsCompleted)
            {
                await Task.WhenAny(relay.StoppedAsync(), _surroundings.Delay(FarewellMax, CancellationToken.None)).ConfigureAwait(false);
            }

            if (feed is IAsyncDisposable disposable)
            {
                await disposable.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
