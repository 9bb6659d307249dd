using Microsoft.Extensions.DependencyInjection;
using Millpond.WarmingUp;

namespace Millpond;

/// <summary>
/// Declares which keys a keyspace reads when the program starts, before it is ready: in the order of the calls, each key once. Every method returns the builder.
/// </summary>
/// <typeparam name="TKey">The keyspace's key type.</typeparam>
public sealed class WarmUpBuilder<TKey>
    where TKey : notnull
{
    internal WarmUpBuilder(WarmUpDeclared<TKey> declared) => Declared = declared;

    internal WarmUpDeclared<TKey> Declared { get; }

    /// <summary>These keys.</summary>
    /// <param name="keys">The keys; gone through when the warm-up begins.</param>
    public WarmUpBuilder<TKey> Keys(IEnumerable<TKey> keys) => With(_ => new ListedKeys<TKey>(keys));

    /// <summary>The keys that a query brings. It runs as one load of the keyspace's source, behind whatever callers want of it, and is broken off at the limit of keys.</summary>
    /// <param name="query">Brings keys, the most wanted first. It must pass the token on.</param>
    public WarmUpBuilder<TKey> Query(Func<IServiceProvider, CancellationToken, IAsyncEnumerable<TKey>> query) => With(parts => new QueriedKeys<TKey>(parts, query));

    /// <summary>As <see cref="Query(Func{IServiceProvider, CancellationToken, IAsyncEnumerable{TKey}})"/>, with a service resolved in a scope of its own.</summary>
    /// <typeparam name="TService">The service.</typeparam>
    /// <param name="query">Brings keys.</param>
    public WarmUpBuilder<TKey> Query<TService>(Func<TService, CancellationToken, IAsyncEnumerable<TKey>> query)
        where TService : notnull =>
        Query((services, token) => query(services.GetRequiredService<TService>(), token));

    /// <summary>The keys that were read most when the program last ended, at most <see cref="HotKeyOptions.TrackedKeysMax"/>. Needs <see cref="MillpondOptions.SnapshotFolder"/>.</summary>
    public WarmUpBuilder<TKey> MostReadInLastRun() => WithLastRun(static run => run.MostRead);

    /// <summary>The keys that the local tier held when the program last ended, most used first. Needs <see cref="MillpondOptions.SnapshotFolder"/>.</summary>
    public WarmUpBuilder<TKey> HeldInLastRun() => WithLastRun(static run => run.Held);

    /// <summary>The bounds of the warm-up; configuration overrides them.</summary>
    /// <param name="configure">Changes the bounds.</param>
    public WarmUpBuilder<TKey> Within(Action<WarmUpOptions> configure)
    {
        configure(Declared.Options);
        return this;
    }

    private WarmUpBuilder<TKey> WithLastRun(Func<KeysOfRun, IReadOnlyList<string>> part)
    {
        Declared.RemembersKeys = true;
        return With(parts => new RememberedKeys<TKey>(parts, part));
    }

    private WarmUpBuilder<TKey> With(Func<KeySourceParts<TKey>, KeySource<TKey>> source)
    {
        Declared.Sources.Add(source);
        return this;
    }
}
