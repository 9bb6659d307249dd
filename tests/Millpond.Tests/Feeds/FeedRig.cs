using Microsoft.Extensions.DependencyInjection;
using Millpond.Events;
using Millpond.Feeds;
using Millpond.Shared;
using Millpond.Testing.Feeds;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Feeds;

/// <summary>A source with rows and a log, and processes that load from it; each may follow the log.</summary>
internal sealed class FeedRig
{
    public const string Table = "public.things";

    public FeedRig(Caches caches)
    {
        Caches = caches;
        Log = new InMemorySource(caches.Surroundings);
    }

    public Caches Caches { get; }

    public Source Rows { get; } = new();

    public InMemorySource Log { get; }

    public Heard Heard { get; } = new();

    public static void Run(Func<FeedRig, Task> test) => Caches.Run(async caches => await test(new FeedRig(caches)), sharedBytes: 1 << 20);

    /// <summary>A process that follows the source; it and all others hear of rows by one rule.</summary>
    public IKeyspace<int, string> Follow(Action<KeyspaceBuilder<int, string>>? declare = null, ISharedTier? tier = null, Action<IServiceCollection>? more = null, IChangeFeed? feed = null)
    {
        var provider = Caches.Add(
            m => m.AddChangeFeed("shop", _ => feed ?? Log.NewFeed()).AddKeyspace<int, string>("thing", k => Declare(k, declare ?? (b => b.ChangedBy(Table, "id")))),
            tier,
            more: services =>
            {
                services.AddSingleton<CacheListener>(Heard);
                more?.Invoke(services);
            });
        Host = provider.GetRequiredKeyedService<CacheHost>("default");
        _ = Host.StartAsync(default);
        Caches.Settle();
        return provider.GetRequiredService<IKeyspace<int, string>>();
    }

    /// <summary>That of the process that followed last.</summary>
    public CacheHost Host { get; private set; } = null!;

    public FeedStatistics Statistics => Host.Statistics().Feeds.Single();

    /// <summary>A process that hears of changes by the shared tier alone.</summary>
    public IKeyspace<int, string> Other(Action<KeyspaceBuilder<int, string>>? declare = null) => Caches.Add(m => m.AddKeyspace<int, string>("thing", k => Declare(k, declare))).GetRequiredService<IKeyspace<int, string>>();

    /// <summary>Writes a row as a program that knows nothing of caches does.</summary>
    public void Write(int id, string? note, int group = 0) => Write([(id, note, group)]);

    public void Write(params (int Id, string? Note, int Group)[] rows)
    {
        List<RowChange> changes = [];
        foreach (var (id, note, group) in rows)
        {
            var old = _images.GetValueOrDefault(id);
            var now = note is null ? null : new RowValues(["id", "grp", "note"], [$"{id}", $"{group}", note]);
            changes.Add(new RowChange(Table, old is null ? RowChangeKind.Insert : now is null ? RowChangeKind.Delete : RowChangeKind.Update, old, now));
            Rows[id] = note;
            _images[id] = now;
        }

        Log.Commit(changes);
        Caches.Settle();
    }

    private readonly Dictionary<int, RowValues?> _images = [];

    private void Declare(KeyspaceBuilder<int, string> k, Action<KeyspaceBuilder<int, string>>? declare)
    {
        k.Policy(p => p.Jitter = 0);
        k.Load(Rows.LoadAsync);
        declare?.Invoke(k);
    }
}
