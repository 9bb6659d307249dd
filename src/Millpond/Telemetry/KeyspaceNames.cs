using System.Collections.Frozen;

namespace Millpond.Telemetry;

/// <summary>
/// Finds a keyspace's tags by either of its names: roads know the one it was declared under, partitions the one it has in the shared tier.
/// Telemetry speaks of the declared one alone.
/// </summary>
internal sealed class KeyspaceNames
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, KeyValuePair<string, object?>[]> _feeds = new(StringComparer.Ordinal);
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, KeyValuePair<string, object?>[]> _writeBehind = new(StringComparer.Ordinal);
    private readonly FrozenDictionary<string, KeyspaceTags> _tags;

    public KeyspaceNames(string cache, string prefix, IReadOnlyList<KeyspaceDeclared> declared)
    {
        Cache = cache;
        var tags = new Dictionary<string, KeyspaceTags>(StringComparer.Ordinal);
        foreach (var one in declared)
        {
            tags[one.Name] = tags[one.FullNameUnder(prefix)] = new KeyspaceTags(cache, one.Name);
        }

        _tags = tags.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public string Cache { get; }

    /// <summary>The tags of a feed's measurements.</summary>
    public KeyValuePair<string, object?>[] OfFeed(string feed) => _feeds.GetOrAdd(feed, name => [new(TagNames.Cache, Cache), new(TagNames.Feed, name)]);

    /// <summary>The tags of write-behind: of a keyspace, or of counters, which are none.</summary>
    public KeyValuePair<string, object?>[] OfWriteBehind(string name) => _writeBehind.GetOrAdd(name, one => [new(TagNames.Cache, Cache), new(TagNames.Keyspace, one)]);

    public KeyspaceTags this[string name] => _tags[name];
}
