using Microsoft.Extensions.DependencyInjection;
using Millpond.Feeds;
using Millpond.Keys;
using Millpond.Keyspaces;
using Millpond.Shared;

namespace Millpond;

/// <summary>Declares a cache: its keyspaces, its shared tier, its options. Calling <c>AddMillpond</c> again for the same name adds to it.</summary>
public sealed class MillpondBuilder
{
    internal MillpondBuilder(IServiceCollection services, string name)
    {
        Services = services;
        Name = name;
    }

    /// <summary>The services that the cache is added to.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The cache's name.</summary>
    public string Name { get; }

    internal MillpondOptions Options { get; } = new();

    internal List<KeyspaceDeclared> Keyspaces { get; } = [];

    internal List<CountersDeclared> Counters { get; } = [];

    internal Func<IServiceProvider, ISharedTier>? Tier { get; private set; }

    internal Func<IServiceProvider, ISharedTier>? WarmTier { get; private set; }

    internal List<(string Name, Func<IServiceProvider, IChangeFeed> Make)> Feeds { get; } = [];

    /// <summary>Changes the options of the cache as a whole. Configuration overrides them.</summary>
    /// <param name="configure">Changes the options.</param>
    public MillpondBuilder Configure(Action<MillpondOptions> configure)
    {
        configure(Options);
        return this;
    }

    /// <summary>Declares a keyspace, injected as <see cref="IKeyspace{TKey, TValue}"/>.</summary>
    /// <typeparam name="TKey">The key's type: a string, an integer, a Guid, a record struct of such, or any with <c>KeyText</c>.</typeparam>
    /// <typeparam name="TValue">The value's type.</typeparam>
    /// <param name="name">Its name: 1 to 64 lower-case letters, digits, dashes, dots and underscores.</param>
    /// <param name="declare">Declares the rest.</param>
    public MillpondBuilder AddKeyspace<TKey, TValue>(string name, Action<KeyspaceBuilder<TKey, TValue>> declare)
        where TKey : notnull
    {
        var builder = new KeyspaceBuilder<TKey, TValue>(name);
        declare(builder);
        Keyspaces.Add(builder.Declared);
        Registration.AddFace<IKeyspace<TKey, TValue>>(Services, Name, name);
        return this;
    }

    /// <summary>Declares a keyspace whose every entry belongs to a tenant, injected as <see cref="ITenantKeyspace{TKey, TValue}"/>.</summary>
    /// <typeparam name="TKey">The key's type within the tenant.</typeparam>
    /// <typeparam name="TValue">The value's type.</typeparam>
    /// <param name="name">Its name, as for <see cref="AddKeyspace"/>.</param>
    /// <param name="declare">Declares the rest; loaders are given the tenant with the key.</param>
    public MillpondBuilder AddTenantKeyspace<TKey, TValue>(string name, Action<KeyspaceBuilder<TenantKey<TKey>, TValue>> declare)
        where TKey : notnull
    {
        var builder = new KeyspaceBuilder<TenantKey<TKey>, TValue>(name);
        declare(builder);
        builder.Declared.HasTenants = true;
        builder.Declared.Naming = () => new TenantNaming<TKey>(KeyText<TKey>.Create(name), name);
        builder.Declared.Face = keyspace => new TenantKeyspace<TKey, TValue>(keyspace);
        Keyspaces.Add(builder.Declared);
        Registration.AddFace<ITenantKeyspace<TKey, TValue>>(Services, Name, name);
        return this;
    }

    /// <summary>Declares counters whose increments are journaled, merged and brought to the source once each, injected as <see cref="IMergedCounters{TKey}"/>.</summary>
    /// <typeparam name="TKey">The key's type, as for <see cref="AddKeyspace"/>.</typeparam>
    /// <param name="name">Their name, as a keyspace's and other than each of theirs.</param>
    /// <param name="journal">Gives the journal, of these counters alone. It says which failures a count survives.</param>
    /// <param name="sink">Gives what adds to the source in batches. Without a ledger in the source (as a function has none) a crash may count a batch twice.</param>
    /// <param name="configure">Changes the options.</param>
    public MillpondBuilder AddMergedCounters<TKey>(
        string name, Func<IServiceProvider, Journals.IWriteJournal> journal, Func<IServiceProvider, Sinks.IWriteSink<TKey, long>> sink, Action<WriteBehindOptions>? configure = null)
        where TKey : notnull
    {
        var options = new WriteBehindOptions();
        configure?.Invoke(options);
        Counters.Add(new CountersDeclared<TKey>(name, journal, sink, options));
        Registration.AddFace<IMergedCounters<TKey>>(Services, Name, name);
        return this;
    }

    /// <summary>Follows a source's changes, and makes stale what the keyspaces' rules (<c>ChangedBy</c>) say. One instance of the program follows; the others stand by.</summary>
    /// <param name="name">The feed's name, as for <see cref="AddKeyspace"/>: the same in every process on the same shared tier.</param>
    /// <param name="feed">Gives the feed, once. Millpond disposes it with the cache if it is disposable.</param>
    public MillpondBuilder AddChangeFeed(string name, Func<IServiceProvider, IChangeFeed> feed)
    {
        Feeds.Add((name, feed));
        return this;
    }

    /// <summary>Uses this shared tier. Default: one in this process that coordinates and holds no values. Millpond does not dispose it.</summary>
    /// <param name="tier">Gives the tier.</param>
    public MillpondBuilder UseSharedTier(Func<IServiceProvider, ISharedTier> tier)
    {
        Tier = tier;
        return this;
    }

    /// <summary>Fills the shared tier from another one, that of a region or cluster which is warm: what this one does not have is asked of that one, read only, before the source. What changed here within
    /// <see cref="MillpondOptions.WarmSideHoldOff"/> is not. Take it out again when this side is warm. Millpond does not dispose it.</summary>
    /// <param name="tier">Gives the warm side; under the same prefix, with the same keyspaces.</param>
    public MillpondBuilder FillFrom(Func<IServiceProvider, ISharedTier> tier)
    {
        WarmTier = tier;
        return this;
    }
}
