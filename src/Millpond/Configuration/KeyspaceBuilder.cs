using Microsoft.Extensions.DependencyInjection;
using Millpond.Serialization;

namespace Millpond;

/// <summary>Declares a keyspace. Every method returns the builder.</summary>
/// <typeparam name="TKey">The key's type.</typeparam>
/// <typeparam name="TValue">The value's type.</typeparam>
public sealed class KeyspaceBuilder<TKey, TValue>
    where TKey : notnull
{
    internal KeyspaceBuilder(string name)
        : this(new KeyspaceDeclared<TKey, TValue>(name))
    {
    }

    internal KeyspaceBuilder(KeyspaceDeclared<TKey, TValue> declared) => Declared = declared;

    internal KeyspaceDeclared<TKey, TValue> Declared { get; }

    /// <summary>The version of the entries. Raise it when the value's shape changes: old entries are not seen any more and age out. Default 1.</summary>
    /// <param name="version">1 or more.</param>
    public KeyspaceBuilder<TKey, TValue> Version(int version) => With(() => Declared.Version = version);

    /// <summary>How long a value is fresh: short for <c>Policy(p => p.TimeToLive = ...)</c>.</summary>
    /// <param name="time">The time.</param>
    public KeyspaceBuilder<TKey, TValue> TimeToLive(TimeSpan time) => With(() => Declared.Policy.TimeToLive = time);

    /// <summary>How entries live and are renewed.</summary>
    /// <param name="configure">Changes the policy.</param>
    public KeyspaceBuilder<TKey, TValue> Policy(Action<KeyspacePolicy> configure) => With(() => configure(Declared.Policy));

    /// <summary>The keyspace's limits.</summary>
    /// <param name="configure">Changes the limits.</param>
    public KeyspaceBuilder<TKey, TValue> Limits(Action<KeyspaceLimits> configure) => With(() => configure(Declared.Limits));

    /// <summary>Names the source that the loader reads, whose limit it shares with the other keyspaces that name it. Default <c>default</c>.</summary>
    /// <param name="name">The source's name.</param>
    public KeyspaceBuilder<TKey, TValue> Source(string name) => With(() => Declared.Source = name);

    /// <summary>Loads a key; null means the source has no such row.</summary>
    /// <param name="loader">Reads the source. It must read what is committed, and pass the token on.</param>
    public KeyspaceBuilder<TKey, TValue> Load(Func<TKey, CancellationToken, ValueTask<TValue?>> loader) =>
        LoadWith(async (context, token) => LoadResult.From(await loader(context.Key, token).ConfigureAwait(false)));

    /// <summary>Loads a key with a service, resolved in a scope of its own for each load.</summary>
    /// <typeparam name="TService">The service.</typeparam>
    /// <param name="loader">Reads the source.</param>
    public KeyspaceBuilder<TKey, TValue> Load<TService>(Func<TService, TKey, CancellationToken, ValueTask<TValue?>> loader)
        where TService : notnull =>
        LoadWith<TService>(async (service, context, token) => LoadResult.From(await loader(service, context.Key, token).ConfigureAwait(false)));

    /// <summary>Loads a key and says more than its value: its own time to live, tags, a version, or that the value from before still holds.</summary>
    /// <param name="loader">Reads the source.</param>
    public KeyspaceBuilder<TKey, TValue> LoadWith(Loader<TKey, TValue> loader) => With(() => Declared.Loader = _ => loader);

    /// <summary>As <see cref="LoadWith(Loader{TKey, TValue})"/>, with a service resolved in a scope of its own for each load.</summary>
    /// <typeparam name="TService">The service.</typeparam>
    /// <param name="loader">Reads the source.</param>
    public KeyspaceBuilder<TKey, TValue> LoadWith<TService>(Func<TService, LoadContext<TKey, TValue>, CancellationToken, ValueTask<LoadResult<TValue>>> loader)
        where TService : notnull =>
        With(() => Declared.Loader = services => async (context, token) =>
        {
            var scope = services.CreateAsyncScope();
            await using var ended = scope.ConfigureAwait(false);
            return await loader(scope.ServiceProvider.GetRequiredService<TService>(), context, token).ConfigureAwait(false);
        });

    /// <summary>Loads many keys at once; used for batch reads, and for single ones if there is no single loader.</summary>
    /// <param name="loader">Reads the source.</param>
    public KeyspaceBuilder<TKey, TValue> LoadMany(BatchLoader<TKey, TValue> loader) => With(() => Declared.BatchLoader = _ => loader);

    /// <summary>As <see cref="LoadMany(BatchLoader{TKey, TValue})"/>, with a service resolved in a scope of its own for each load.</summary>
    /// <typeparam name="TService">The service.</typeparam>
    /// <param name="loader">Reads the source.</param>
    public KeyspaceBuilder<TKey, TValue> LoadMany<TService>(Func<TService, IReadOnlyList<TKey>, CancellationToken, ValueTask<IReadOnlyDictionary<TKey, TValue>>> loader)
        where TService : notnull =>
        With(() => Declared.BatchLoader = services => async (keys, token) =>
        {
            var scope = services.CreateAsyncScope();
            await using var ended = scope.ConfigureAwait(false);
            return await loader(scope.ServiceProvider.GetRequiredService<TService>(), keys, token).ConfigureAwait(false);
        });

    /// <summary>Loads a key from the home database, in a region whose own database is a replica of it: for reads that the region is too far behind for and that would rather go there than be refused
    /// (<see cref="WhenBehind.AskHome"/>). It passes the same guard as other loads; what it brings is for those callers alone.</summary>
    /// <param name="loader">Reads the home database.</param>
    public KeyspaceBuilder<TKey, TValue> LoadFromHome(Func<TKey, CancellationToken, ValueTask<TValue?>> loader) =>
        With(() => Declared.HomeLoader = _ => async (context, token) => LoadResult.From(await loader(context.Key, token).ConfigureAwait(false)));

    /// <summary>Says which failures of the loader may be over in a moment; such a load is tried again up to <see cref="KeyspacePolicy.RetriesMax"/> times, within its time and the
    /// source's <see cref="SourceLimits.RetryShare"/>. Without this no load is tried again.</summary>
    /// <param name="isTransient">Of what the loader threw: whether trying again may help.</param>
    public KeyspaceBuilder<TKey, TValue> RetryWhen(Func<Exception, bool> isTransient) => With(() => Declared.IsTransient = isTransient);

    /// <summary>What callers get where a value can neither be loaded nor served stale: the source failed, was late, refused or is left alone. It is kept nowhere, and
    /// <see cref="Reading{TValue}.Origin"/> says so. Without this they get the error.</summary>
    /// <param name="value">The value to stand in; null stands for "not found".</param>
    public KeyspaceBuilder<TKey, TValue> Fallback(Func<TKey, TValue?> value) => With(() => Declared.Fallback = value);

    /// <summary>Writes a key's source, so that <see cref="IKeyspace{TKey, TValue}.WriteAsync"/> keeps source and cache together. A null value deletes the row.</summary>
    /// <param name="writer">Writes the source, commits, and returns. If it throws, it is not known whether the commit arrived.</param>
    public KeyspaceBuilder<TKey, TValue> Write(Func<TKey, TValue?, CancellationToken, ValueTask> writer) => WriteWith(async (context, token) =>
    {
        await writer(context.Key, context.Value, token).ConfigureAwait(false);
        return WriteResult.Written(context.Value);
    });

    /// <summary>As <see cref="Write(Func{TKey, TValue, CancellationToken, ValueTask})"/>, with a service resolved in a scope of its own for each write.</summary>
    /// <typeparam name="TService">The service.</typeparam>
    /// <param name="writer">Writes the source.</param>
    public KeyspaceBuilder<TKey, TValue> Write<TService>(Func<TService, TKey, TValue?, CancellationToken, ValueTask> writer)
        where TService : notnull =>
        WriteWith<TService>(async (service, context, token) =>
        {
            await writer(service, context.Key, context.Value, token).ConfigureAwait(false);
            return WriteResult.Written(context.Value);
        });

    /// <summary>Writes a key's source and says more than that it did: the value as the source holds it now, or that nothing was written.</summary>
    /// <param name="writer">Writes the source.</param>
    public KeyspaceBuilder<TKey, TValue> WriteWith(Writer<TKey, TValue> writer) => With(() => Declared.Writer = _ => writer);

    /// <summary>As <see cref="WriteWith(Writer{TKey, TValue})"/>, with a service resolved in a scope of its own for each write.</summary>
    /// <typeparam name="TService">The service.</typeparam>
    /// <param name="writer">Writes the source.</param>
    public KeyspaceBuilder<TKey, TValue> WriteWith<TService>(Func<TService, WriteContext<TKey, TValue>, CancellationToken, ValueTask<WriteResult<TValue>>> writer)
        where TService : notnull =>
        With(() => Declared.Writer = services => async (context, token) =>
        {
            var scope = services.CreateAsyncScope();
            await using var ended = scope.ConfigureAwait(false);
            return await writer(scope.ServiceProvider.GetRequiredService<TService>(), context, token).ConfigureAwait(false);
        });

    /// <summary>
    /// Writes behind: <see cref="IKeyspace{TKey, TValue}.WriteAsync"/> acknowledges what the journal has, readers see it at once, and batches go to the source in order per key. Which failures an acknowledgement survives is the
    /// journal's to say (<see cref="Journals.JournalCapabilities.Survives"/>), so there is no default.
    /// </summary>
    /// <param name="journal">Gives the journal, of this keyspace alone. Millpond disposes it with the cache.</param>
    /// <param name="sink">Gives what writes the source in batches. Millpond disposes it with the cache if it is disposable.</param>
    /// <param name="configure">Changes the options.</param>
    public KeyspaceBuilder<TKey, TValue> WriteBehind(
        Func<IServiceProvider, Journals.IWriteJournal> journal, Func<IServiceProvider, Sinks.IWriteSink<TKey, TValue>> sink, Action<WriteBehindOptions>? configure = null) => With(() =>
    {
        var options = new WriteBehindOptions();
        configure?.Invoke(options);
        Declared.Behind = new(journal, sink, options);
    });

    /// <summary>Writes behind with a function in the sink's place. It has no ledger: after a crash, or a failure whose outcome is unknown, it is given again what it had, so it must be idempotent. What it will never take it says with a
    /// <see cref="Sinks.SinkException"/>; whatever else it throws is tried again, until <see cref="WriteBehindOptions.PoisonTimeMin"/> says that it is one record's fault.</summary>
    /// <param name="journal">Gives the journal, of this keyspace alone.</param>
    /// <param name="sink">Applies a batch to the source, and commits.</param>
    /// <param name="configure">Changes the options.</param>
    public KeyspaceBuilder<TKey, TValue> WriteBehind(
        Func<IServiceProvider, Journals.IWriteJournal> journal, Func<Sinks.SinkBatch<TKey, TValue>, CancellationToken, ValueTask> sink, Action<WriteBehindOptions>? configure = null) =>
        WriteBehind(journal, _ => new Sinks.DelegateSink<TKey, TValue>(sink), configure);

    /// <summary>The tags of an entry, from its key and value. A function that throws fails the load.</summary>
    /// <param name="tags">The tags.</param>
    public KeyspaceBuilder<TKey, TValue> Tags(Func<TKey, TValue, IEnumerable<string>> tags) => With(() => Declared.Tags = tags);

    /// <summary>Says that a table's rows change entries, whoever writes them: the row's key column is the entry's key. Needs a change feed that follows the table.</summary>
    /// <param name="table">The table, with its schema: <c>public.products</c>.</param>
    /// <param name="key">The column that is the key.</param>
    /// <param name="tags">Tags that the row touches beside, with columns in braces: <c>category:{category_id}</c>.</param>
    public KeyspaceBuilder<TKey, TValue> ChangedBy(string table, string key, params string[] tags) => ChangedBy(new RowRule<TKey> { Table = table, KeyColumn = key, Tags = tags });

    /// <summary>Says by a rule which entries a table's rows change, whoever writes them. Several rules may name the same table.</summary>
    /// <param name="rule">The rule.</param>
    public KeyspaceBuilder<TKey, TValue> ChangedBy(RowRule<TKey> rule) => With(() => Declared.Rules.Add(rule));

    /// <summary>Reads keys when the program starts, before it is ready, at a pace that leaves the source to callers. Calling it again adds to it.</summary>
    /// <param name="declare">Says where the keys come from, and bounds it.</param>
    public KeyspaceBuilder<TKey, TValue> WarmUp(Action<WarmUpBuilder<TKey>> declare) => With(() => declare(new(Declared.WarmsUp ??= new())));

    /// <summary>What an entry weighs in the local tier, in bytes; without it Millpond estimates.</summary>
    /// <param name="weigh">The weight of key and value.</param>
    public KeyspaceBuilder<TKey, TValue> Weigh(Func<TKey, TValue, long> weigh) => With(() => Declared.Weigher = weigh);

    /// <summary>How a key becomes text and back, for key types without a text form of their own.</summary>
    /// <param name="write">Different texts for different keys.</param>
    /// <param name="read">The key of a text.</param>
    public KeyspaceBuilder<TKey, TValue> KeyText(Func<TKey, string> write, Func<string, TKey> read) => With(() => Declared.KeyText = (write, read));

    /// <summary>How values become bytes and back. Default: bytes and strings as they are, JSON for the rest.</summary>
    /// <param name="codec">The codec.</param>
    public KeyspaceBuilder<TKey, TValue> Codec(IValueCodec<TValue> codec) => With(() => Declared.Codec = codec);

    /// <summary>Compresses payloads larger than this. Default: never.</summary>
    /// <param name="bytes">The size in bytes, 0 or more.</param>
    public KeyspaceBuilder<TKey, TValue> CompressAbove(int bytes) => With(() => Declared.CompressAbove = bytes);

    /// <summary>Allows plain sets although the keyspace has a loader. Only where there is one writer, or where an old value may stay until its time is over.</summary>
    public KeyspaceBuilder<TKey, TValue> AllowUnorderedSets() => With(() => Declared.AllowsUnorderedSets = true);

    private KeyspaceBuilder<TKey, TValue> With(Action change)
    {
        change();
        return this;
    }
}
