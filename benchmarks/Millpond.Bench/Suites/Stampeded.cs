using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace Millpond.Bench.Suites;

/// <summary>A cache that the stampede runs into.</summary>
internal interface IStampeded : IAsyncDisposable
{
    string Name { get; }

    ValueTask<string> AskAsync(string key, Func<CancellationToken, Task<string>> load, CancellationToken token);
}

/// <summary>What people write by hand: coalesces, never expires, and remembers failures for good.</summary>
internal sealed class LazyTasks : IStampeded
{
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _tasks = new();

    public string Name => "Lazy<Task> by hand";

    public ValueTask<string> AskAsync(string key, Func<CancellationToken, Task<string>> load, CancellationToken token)
    {
        var task = _tasks.GetOrAdd(key, static (_, l) => new Lazy<Task<string>>(() => l(CancellationToken.None)), load).Value;
        return new(token.CanBeCanceled ? task.WaitAsync(token) : task);
    }

    public ValueTask DisposeAsync() => default;
}

/// <summary>Microsoft.Extensions.Caching.Memory: does not coalesce.</summary>
internal sealed class MicrosoftMemoryCache : IStampeded
{
    private readonly MemoryCache _cache = new(new MemoryCacheOptions());

    public string Name => "MemoryCache GetOrCreateAsync";

    public ValueTask<string> AskAsync(string key, Func<CancellationToken, Task<string>> load, CancellationToken token) => new(_cache.GetOrCreateAsync(key, entry =>
    {
        entry.AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(5);
        return load(token);
    })!);

    public ValueTask DisposeAsync()
    {
        _cache.Dispose();
        return default;
    }
}

/// <summary>Ours, with nothing tuned: a declared keyspace, whose callers bring nothing but the key.</summary>
internal sealed class MillpondKeyspace : IStampeded
{
    private readonly ServiceProvider _services;
    private readonly IKeyspace<string, string> _keyspace;
    private Func<CancellationToken, Task<string>>? _load;

    public MillpondKeyspace()
    {
        _services = new ServiceCollection()
            .AddMillpond(cache => cache.AddKeyspace<string, string>("things", keyspace => keyspace.Load(async (_, token) => await Volatile.Read(ref _load)!(token))))
            .BuildServiceProvider();
        _keyspace = _services.GetRequiredService<IKeyspace<string, string>>();
    }

    public string Name => "Millpond keyspace GetAsync";

    public ValueTask<string> AskAsync(string key, Func<CancellationToken, Task<string>> load, CancellationToken token)
    {
        Volatile.Write(ref _load, load);
        return _keyspace.GetAsync(key, token)!;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}

/// <summary>Ours as the platform's HybridCache.</summary>
internal sealed class MillpondHybrid : IStampeded
{
    private readonly ServiceProvider _services;
    private readonly HybridCache _cache;

    public MillpondHybrid()
    {
        var services = new ServiceCollection();
        services.AddMillpondHybridCache();
        _services = services.BuildServiceProvider();
        _cache = _services.GetRequiredService<HybridCache>();
    }

    public string Name => "Millpond HybridCache";

    public ValueTask<string> AskAsync(string key, Func<CancellationToken, Task<string>> load, CancellationToken token) =>
        _cache.GetOrCreateAsync(key, load, static (l, t) => new ValueTask<string>(l(t)), cancellationToken: token);

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}

/// <summary>Ours, ad hoc: <see cref="ICache"/> as AddMillpond gives it, with nothing tuned. Each caller brings a loader that captures something, of 88 bytes.</summary>
internal sealed class MillpondCache : IStampeded
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMillpond().BuildServiceProvider();
    private readonly ICache _cache;

    public MillpondCache() => _cache = _services.GetRequiredService<ICache>();

    public string Name => "Millpond GetOrLoadAsync";

    public ValueTask<string> AskAsync(string key, Func<CancellationToken, Task<string>> load, CancellationToken token) =>
        _cache.GetOrLoadAsync(key, t => new ValueTask<string?>(load(t)!), cancellationToken: token)!;

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
