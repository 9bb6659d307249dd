using Millpond.Auditing;
using Millpond.Events;
using Millpond.Explaining;
using Millpond.Feeds.Applying;
using Millpond.Feeds.Rules;
using Millpond.Invalidation;
using Millpond.Local;
using Millpond.Reading;
using Millpond.Shared;
using Millpond.WarmSides;
using Millpond.Writing;
using Millpond.Writing.Behind;

namespace Millpond.Keyspaces;

/// <summary>One keyspace: the doors to its roads, and nothing else.</summary>
internal sealed class Keyspace<TKey, TValue> : IKeyspace<TKey, TValue>
    where TKey : notnull
{
    private readonly ReadRoad<TKey, TValue> _read;
    private readonly BatchRead<TKey, TValue> _batch;
    private readonly RegionRead<TKey, TValue> _region;
    private readonly WriteRoad<TKey, TValue> _write;
    private readonly WriteThrough<TKey, TValue> _through;
    private readonly InvalidateRoad<TKey, TValue> _invalidate;
    private readonly Explainer<TKey, TValue> _explainer;

    public Keyspace(KeyspaceCore<TKey, TValue> core)
    {
        Core = core;
        var maker = new EntryMaker<TKey, TValue>(core);
        var ask = new SharedAsk<TKey, TValue>(core, maker);
        _invalidate = new InvalidateRoad<TKey, TValue>(core);
        Behind = core.Parts.Behind is { } behind ? new BehindRoad<TKey, TValue>(behind.Parts(core, (keys, deferred) => _invalidate.FoundAsync(keys, [], ChangeOrigin.Made, deferred))) : null;
        MissStage<TKey, TValue>[] retries = core.Parts.IsTransient is null ? [] : [new RetryLoads<TKey, TValue>(core)];

        // Not where writes are journaled: a copy may be older than what is pending.
        MissStage<TKey, TValue>[] copies = core is { Parts: { WarmSide: { } warm, Behind: null }, Recent: { } recent } ? [new CopyFromWarmSide<TKey, TValue>(core, warm, recent)] : [];
        var missRoad = MissStage<TKey, TValue>.Link(
        [
            .. core.Hot is null ? [] : new[] { new PaceAsks<TKey, TValue>(core) },
            .. Behind is { IsOfThisProcessAlone: true } && core.Tier.Capabilities.HoldsValues ? new[] { new AnswerPending<TKey, TValue>(core, Behind, maker) } : [],
            new AskSharedTier<TKey, TValue>(ask),
            new AwaitHolder<TKey, TValue>(core, ask),
            new FillStage<TKey, TValue>(core, maker, _invalidate),
            new KeepLeases<TKey, TValue>(core),
            .. copies,
            new PartLoads<TKey, TValue>(core),
            new Deadline<TKey, TValue>(core),
            .. Behind is null ? [] : new[] { new OverlayPending<TKey, TValue>(core, Behind) },
            .. retries,
            new GuardSource<TKey, TValue>(core),
            new Load<TKey, TValue>(core),
        ]);
        var arrivals = new Arrivals<TKey, TValue>(core);
        var departures = new Departures<TKey, TValue>(core, missRoad, arrivals);
        _read = new ReadRoad<TKey, TValue>(core, departures, arrivals);
        _batch = new BatchRead<TKey, TValue>(core, _read, departures, arrivals);
        _region = new RegionRead<TKey, TValue>(core, _read);
        Ahead = new ReadAhead<TKey, TValue>(core, _read, departures, arrivals);
        _write = new WriteRoad<TKey, TValue>(core, maker, _invalidate);
        _through = new WriteThrough<TKey, TValue>(core, _write, new UnknownWrites<TKey, TValue>(core, _invalidate), Behind is null ? core.Parts.Writer : Behind.WriteAsync);
        var looks = new TierLooks<TKey, TValue>(core, maker);
        _explainer = new Explainer<TKey, TValue>(core, looks);

        // Where writes are journaled the source is behind what is right.
        Audit = Behind is not null || (core.Parts.Loader is null && core.Parts.BatchLoader is null) ? null : new KeyspaceAudit<TKey, TValue>(core, _explainer, looks);
    }

    public KeyspaceCore<TKey, TValue> Core { get; }

    /// <summary>The door of warm-up.</summary>
    public ReadAhead<TKey, TValue> Ahead { get; }

    /// <summary>The keyspace as the auditor sees it; null without a source to compare with.</summary>
    public IAuditedKeyspace? Audit { get; }

    /// <summary>Write-behind; null where writes are not journaled.</summary>
    public BehindRoad<TKey, TValue>? Behind { get; }

    public string Name => Core.Name;

    public int Version => Core.Parts.Version;

    public ValueTask<TValue?> GetAsync(TKey key, CancellationToken cancellationToken = default) =>
        _read.TryHit(key) is { Flags: not SlotFlags.None } hit ? new(hit.Value) : _read.GetAsync(key, null, null, cancellationToken);

    public ValueTask<Reading<TValue>> ReadAsync(TKey key, ReadOptions options = default, CancellationToken cancellationToken = default) =>
        _region.Concerns(options) ? _region.ReadAsync(key, options, cancellationToken) : _read.ReadAsync(key, options, null, null, cancellationToken);

    public ValueTask<IReadOnlyDictionary<TKey, TValue>> GetManyAsync(IReadOnlyCollection<TKey> keys, ReadOptions options = default, CancellationToken cancellationToken = default) =>
        _batch.ReadAsync(keys, options, _region, cancellationToken);

    public ValueTask<TValue?> GetOrLoadAsync(TKey key, Loader<TKey, TValue> loader, CancellationToken cancellationToken = default) =>
        GetOrLoadAsync(key, loader, null, cancellationToken);

    /// <summary>With options for the entry; the ad-hoc faces use it.</summary>
    public ValueTask<TValue?> GetOrLoadAsync(TKey key, Loader<TKey, TValue> loader, EntryOptions? options, CancellationToken cancellationToken) =>
        (options?.Use ?? Reading.TierUse.All).Has(Reading.TierUse.LocalRead) && _read.TryHit(key) is { Flags: not SlotFlags.None } hit ? new(hit.Value) : _read.GetAsync(key, loader, options, cancellationToken);

    /// <summary>The plain hit, for faces that would otherwise have to allocate before they know.</summary>
    public Hit<TValue> TryHit(TKey key) => _read.TryHit(key);

    /// <summary>Joins a flight that is under way, likewise.</summary>
    public bool TryJoin<TResult, TShape>(TKey key, CancellationToken cancellationToken, out ValueTask<TResult?> wait)
        where TShape : struct, IAnswerShape<TValue, TResult> =>
        _read.TryJoin<TResult, TShape>(key, Reading.TierUse.All, cancellationToken, out wait);

    /// <summary>The plain hit with the characters of a key.</summary>
    public Hit<TValue> TryHit(ReadOnlySpan<char> key) => _read.TryHit(key);

    public bool TryPeek(TKey key, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TValue value) => _read.TryPeek(key, out value);

    public ValueTask SetAsync(TKey key, TValue value, EntryOptions? options = null, CancellationToken cancellationToken = default) =>
        _write.SetAsync(key, value, options, cancellationToken);

    public ValueTask<WriteTicket<TValue>> BeginWriteAsync(TKey key, CancellationToken cancellationToken = default) =>
        _write.BeginAsync(key, cancellationToken);

    public ValueTask<WriteResult<TValue>> WriteAsync(TKey key, TValue value, EntryOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(value);
        return _through.WriteAsync(new() { Key = key, Kind = WriteKind.Set, Value = value }, options, cancellationToken);
    }

    public ValueTask<WriteResult<TValue>> DeleteAsync(TKey key, CancellationToken cancellationToken = default) =>
        _through.WriteAsync(new() { Key = key, Kind = WriteKind.Delete }, null, cancellationToken);

    public ValueTask NoteWriteAsync(TKey key, Session session, HomePosition? position = null, CancellationToken cancellationToken = default) =>
        _region.NoteWriteAsync(key, session, position, cancellationToken);

    public ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken = default) =>
        _invalidate.KeysAsync([key], cancellationToken);

    public ValueTask InvalidateManyAsync(IReadOnlyCollection<TKey> keys, CancellationToken cancellationToken = default) =>
        _invalidate.KeysAsync(keys, cancellationToken);

    public ValueTask InvalidateTagAsync(string tag, CancellationToken cancellationToken = default)
    {
        Keys.KeyRules.CheckTag(tag, Name);
        return InvalidateScopeAsync(Scope.Tag(tag), cancellationToken);
    }

    public ValueTask InvalidateScopeAsync(string scope, CancellationToken cancellationToken) => _invalidate.ScopeAsync(scope, cancellationToken);

    public ValueTask InvalidateAllAsync(CancellationToken cancellationToken = default) => _invalidate.KeyspaceAsync(cancellationToken);

    public IReadOnlyList<HotKey<TKey>> HotKeys() => Core.Hot?.List() ?? [];

    /// <summary>What is purged by whoever knows the keyspace by name.</summary>
    public IPurgeTarget Purged => new PurgeTarget<TKey, TValue>(Core, _invalidate);

    /// <summary>What change feeds apply to, by these rules.</summary>
    public IFeedTarget FollowBy(IReadOnlyList<CompiledRule<TKey>> rules) => new FeedTarget<TKey, TValue>(Core, _invalidate, rules);

    public ValueTask<Explanation> ExplainAsync(TKey key, CancellationToken cancellationToken = default) => _explainer.ExplainAsync(key, cancellationToken);
}
