using System.Threading.RateLimiting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Millpond.AdHoc;
using Millpond.Auditing;
using Millpond.Coordination;
using Millpond.Events;
using Millpond.Feeds.Applying;
using Millpond.Keyspaces;
using Millpond.Loading;
using Millpond.Local;
using Millpond.Runtime;
using Millpond.Serialization;
using Millpond.Shared;
using Millpond.Shared.Guarding;
using Millpond.Shared.InProcess;
using Millpond.Telemetry;
using Millpond.WarmSides;
using Millpond.WarmingUp;
using Millpond.Writing.Behind;

namespace Millpond;

/// <summary>
/// One cache: builds its keyspaces when first asked for, keeps them, swaps their settings when configuration changes, and ends them. The
/// shared tier, the services and everything else of the caller's stay the caller's.
/// </summary>
internal sealed class CacheHost : ICache, IAsyncDisposable, IDisposable
{
    private readonly MillpondBuilder _builder;
    private readonly IConfiguration? _configuration;
    private readonly CacheParts _parts;
    private readonly IDisposable? _reload;
    private readonly Dictionary<string, IKeyspaceHandle> _keyspaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SourceGuard> _sources = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<KeyspaceDeclared> _declared;
    private readonly IReadOnlyList<string> _caches;
    private readonly WarmUps _warmUps;
    private readonly BehindHost _behind;
    private readonly FeedHost _feeds;
    private readonly Auditor _auditor;
    private readonly CancellationTokenSource _audits = new();
    private readonly AdHocKeyspace _adHoc;
    private readonly Coordinator _shared;
    private readonly CacheTelemetry _telemetry;
    private readonly MemoryPressure _pressure;
    private readonly IDisposable? _memory;
    private TierTimes _times;
    private AuditOptions _audit = new();
    private bool _disposed;

    public CacheHost(MillpondBuilder builder, IServiceProvider services)
    {
        _builder = builder;
        _configuration = services.GetService<IConfiguration>();
        _caches = [.. services.GetServices<CacheName>().Select(one => one.Name)];
        _declared = [.. builder.Keyspaces, .. builder.Keyspaces.Any(one => one.Name == AdHocKeyspace.Name) ? [] : new[] { new KeyspaceDeclared<string, object>(AdHocKeyspace.Name) }];
        var settings = CacheSettings.Derive(builder, _declared, _configuration, _caches);
        var surroundings = services.GetService<Surroundings>() ?? (services.GetService<TimeProvider>() is { } time ? new Surroundings(time) : Surroundings.Real);
        _telemetry = new CacheTelemetry(new KeyspaceNames(Name, settings.Options.Prefix, _declared), services, surroundings);
        _times = TimesOf(settings.Options);
        var tier = builder.Tier?.Invoke(services) ?? new InProcessSharedTier(new InProcessSharedTierOptions(), surroundings);
        _parts = new CacheParts
        {
            Prefix = settings.Options.Prefix,

            // One in this very process cannot be away.
            Tier = tier.Capabilities.PushIsLossless ? tier : new GuardedTier(tier, () => Volatile.Read(ref _times), surroundings, _telemetry.Listener),
            Surroundings = surroundings,
            Budget = new LocalBudget(),
            Listener = _telemetry.Listener,
            Services = services,
            Codecs = new CodecRegistry(services),
            KeyFileOf = keyspace => settings.Options.SnapshotFolder is { } folder
                ? new KeyFile(Path.Combine(folder, $"{Uri.EscapeDataString(Name)}.{keyspace}.keys"), $"{settings.Options.Prefix}:{keyspace}")
                : null,
            WarmSide = builder.WarmTier is { } warm ? new WarmSide(warm(services), () => Volatile.Read(ref _times), surroundings) : null,
            Rules = services.GetService<Policies.ProtocolRules>() ?? Policies.ProtocolRules.Standard,
        };
        _pressure = new MemoryPressure(_parts.Budget, _parts.Listener);
        Apply(settings);
        _memory = surroundings.WatchMemory(() => _pressure.Look(surroundings.Memory));
        foreach (var one in _declared)
        {
            _keyspaces.Add(one.Name, one.Build(_parts, settings.Keyspaces[one.Name], _sources[one.Source]));
        }

        _warmUps = new WarmUps([.. _keyspaces.Values.Select(one => one.WarmUp).OfType<IWarmUp>()]);
        _behind = new BehindHost(Name, _keyspaces.Values, [.. builder.Counters.Select(one => one.Build(_parts))]);
        Faces = new KeyspaceFaces(Name, _keyspaces, _behind, _declared);
        _feeds = new FeedHost(builder.Feeds, [.. _keyspaces.Values.Select(one => one.FeedTarget).OfType<IFeedTarget>()], _parts);
        _auditor = new Auditor([.. _keyspaces.Values.Select(one => one.Audit).OfType<IAuditedKeyspace>()], () => Volatile.Read(ref _audit), surroundings, _parts.Listener, _audits.Token);
        _adHoc = new AdHocKeyspace((Keyspace<string, object>)_keyspaces[AdHocKeyspace.Name].Face);
        _shared = new Coordinator(tier, _adHoc, surroundings);
        _telemetry.Observe(this);
        _reload = _configuration is null ? null : ChangeToken.OnChange(_configuration.GetReloadToken, Reload);
    }

    public string Name => _builder.Name;

    public ISharedTier Tier => _parts.Tier;

    public AdHocKeyspace AdHoc => _adHoc;

    public KeyspaceFaces Faces { get; }

    public IReadOnlyCollection<IKeyspaceHandle> Keyspaces => _keyspaces.Values;

    public IReadOnlyDictionary<string, SourceGuard> Sources => _sources;

    public FeedHost Feeds => _feeds;

    public BehindHost Behind => _behind;

    public ValueTask<T?> GetOrLoadAsync<T>(string key, Func<CancellationToken, ValueTask<T?>> loader, EntryOptions? options = null, CancellationToken cancellationToken = default) =>
        _adHoc.GetOrLoadAsync(key, loader, static (load, token) => load(token), options, cancellationToken);

    public ValueTask<T?> GetAsync<T>(string key, CancellationToken cancellationToken = default) => _adHoc.GetAsync<T>(key, cancellationToken);

    public ValueTask SetAsync<T>(string key, T value, EntryOptions? options = null, CancellationToken cancellationToken = default) =>
        _adHoc.SetAsync(key, value, options, cancellationToken);

    public ValueTask InvalidateAsync(string key, CancellationToken cancellationToken = default) => _adHoc.Keyspace.InvalidateAsync(key, cancellationToken);

    public ValueTask InvalidateTagAsync(string tag, CancellationToken cancellationToken = default) => _adHoc.Keyspace.InvalidateTagAsync(tag, cancellationToken);

    public ValueTask<PurgeResult> PurgeAsync(Purge purge, CancellationToken cancellationToken = default) => Faces.PurgedBy(purge).PurgeAsync(purge, cancellationToken);

    public async ValueTask<long> IncrementAsync(string counter, long delta = 1, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default) =>
        (await _shared.CountAsync(counter, new(delta, timeToLive), cancellationToken).ConfigureAwait(false)).Sum;

    public ValueTask<CounterReply> CountAsync(string counter, CounterAsk ask, CancellationToken cancellationToken = default) => _shared.CountAsync(counter, ask, cancellationToken);

    public ValueTask<CacheLock?> TryLockAsync(string name, TimeSpan time, TimeSpan patience = default, CancellationToken cancellationToken = default) =>
        _shared.TryLockAsync(name, time, patience, cancellationToken);

    public RateLimiter RateLimiter(string name, int permits, TimeSpan window) => _shared.RateLimiter(name, permits, window);

    public CacheStatistics Statistics() => new() { Cache = Name, LocalBytesMax = _parts.Budget.BytesMax, Keyspaces = [.. _keyspaces.Values.Select(KeyspaceStatistics.Of)], Feeds = _feeds.Statistics(), WriteBehind = _behind.Statistics(), Audits = _auditor.Statistics(), Sources = [.. _sources.Values.Select(SourceStatistics.Of)] };

    public IWriteBehind WriteBehind(string name) => _behind.Of(name);

    public IReadOnlyList<HotKeyText> HotKeys(int keysMax = 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keysMax, 1);
        return [.. _keyspaces.Values.SelectMany(one => one.HotKeys()).OrderByDescending(one => one.ReadsPerSecond).Take(keysMax)];
    }

    public IKeyspace<TKey, TValue> Keyspace<TKey, TValue>(string name)
        where TKey : notnull => Faces.Of<IKeyspace<TKey, TValue>>(name);

    /// <summary>Connects to the shared tier and reports what it can and cannot do. One that is away does not keep the program from starting.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Exception? away = null;
        try
        {
            await Tier.ConnectAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SharedTierException failure)
        {
            // Until it answers, reads go to the source under its guard.
            away = failure;
        }

        await _behind.StartAsync().ConfigureAwait(false);
        _parts.Listener.On(new CacheStarted(Tier.Capabilities, _builder.Keyspaces.Count, _parts.Budget.BytesMax, away));
        _parts.WarmSide?.Start(_parts.Listener);
        _feeds.Start();
        _auditor.Start();
        _warmUps.Start();
    }

    /// <summary>The host stops: warm-ups end, and leave behind what the next run begins with. Called again it does nothing.</summary>
    public ValueTask StopWarmUpsAsync() => _warmUps.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            _parts.WarmSide?.Dispose();
            _reload?.Dispose();
            _memory?.Dispose();

            // Before what they read ends; and while somebody still hears what they say.
            await StopWarmUpsAsync().ConfigureAwait(false);
            _telemetry.Dispose();
            _audits.Cancel();

            // Before what it applies to, so that what it has heard is applied and confirmed as far as it is.
            await _feeds.DisposeAsync().ConfigureAwait(false);
            await _behind.DisposeCountersAsync().ConfigureAwait(false);
            await Farewell.SayAsync(_keyspaces.Values, _parts.Surroundings).ConfigureAwait(false);
            foreach (var keyspace in _keyspaces.Values)
            {
                await keyspace.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>For providers that are disposed synchronously. What has to be ended (timers, flights) has no wait in it but an engine's own farewell, which is left to itself.</summary>
    public void Dispose() => _ = DisposeAsync().AsTask();

    private void Reload()
    {
        try
        {
            var settings = CacheSettings.Derive(_builder, _declared, _configuration, _caches);
            Apply(settings);
            foreach (var (name, policy) in settings.Keyspaces)
            {
                _keyspaces[name].Policy = policy;
            }

            _auditor.Start();
            _parts.Listener.On(new ConfigurationApplied());
        }
        catch (MillpondException faults)
        {
            // What runs goes on as it was; nobody's cache stops over somebody's slip in a file.
            _parts.Listener.On(new ConfigurationRefused(faults));
        }
    }

    private static TierTimes TimesOf(MillpondOptions options) => new(options.SharedTierTimeoutMin, options.SharedTierTimeoutMax);

    private void Apply(CacheSettings settings)
    {
        Volatile.Write(ref _times, TimesOf(settings.Options));
        Volatile.Write(ref _audit, settings.Options.Audit);
        if (_parts.WarmSide is { } warm)
        {
            warm.HoldOff = settings.Options.WarmSideHoldOff;
        }

        _pressure.Configure(settings.Options.LocalBytesMax, _parts.Surroundings.Memory);
        foreach (var (name, limits) in settings.Options.Sources)
        {
            if (!_sources.TryGetValue(name, out var guard))
            {
                _sources[name] = guard = new SourceGuard(name, _parts.Surroundings, _parts.Listener, _parts.Rules);
            }

            guard.Limits = limits;
        }
    }
}
