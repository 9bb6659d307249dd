using Millpond.Keyspaces;
using Millpond.Local;
using Millpond.Partitions;
using Millpond.Shared;

namespace Millpond.Reading;

/// <summary>How a value was come by: what the protocol needs to know of it, whatever it is.</summary>
internal readonly record struct Provenance
{
    public required PartitionView View { get; init; }

    public required long LoadedAt { get; init; }

    public required long FetchedAt { get; init; }

    public required long Stamp { get; init; }

    public required long ValidAsOf { get; init; }

    public required Incarnation Incarnation { get; init; }

    public required int Epoch { get; init; }

    public required ReadOrigin Origin { get; init; }

    public long LoadTicks { get; init; }

    public Nonce FilledUnder { get; init; }
}

/// <summary>Makes entries from what loaders bring, writers set and records say; and records from entries.</summary>
internal sealed class EntryMaker<TKey, TValue>(KeyspaceCore<TKey, TValue> core)
    where TKey : notnull
{
    // What an entry without a value weighs beyond its overhead.
    private const long NegativeBytes = 16;

    // More than any memory holds, and far enough from overflow to be added up.
    private const long WeightMax = 1L << 50;

    /// <summary>From a load or a write. Throws MP1104 for too many tags, MP1301 if the keyspace's tag or weigh function throws.</summary>
    /// <param name="key">The key.</param>
    /// <param name="result">What was loaded or set.</param>
    /// <param name="options">What the entry has of its own.</param>
    /// <param name="from">How it was come by.</param>
    /// <param name="inherited">Scopes of the older entry whose value still holds, and with it what was said of it.</param>
    public Entry<TValue> FromSource(TKey key, in LoadResult<TValue> result, EntryOptions? options, in Provenance from, string[]? inherited = null)
    {
        var policy = core.Policy;
        var kind = result.Kind == LoadResultKind.NotFound ? RecordKind.Negative : RecordKind.Value;
        var fresh = policy.FreshTime(kind, result.TimeToLive, core.Surroundings);
        var freshUntil = from.LoadedAt + fresh.Ticks;
        var slidingTicks = policy.SlidingTime(options?.Sliding).Ticks;
        var goneAt = GoneAt(from.LoadedAt + policy.HardTime(fresh).Ticks, from.FetchedAt, options);
        var entry = new Entry<TValue>
        {
            Value = result.Value,
            Kind = kind,
            View = from.View,
            LoadedAt = from.LoadedAt,
            FetchedAt = from.FetchedAt,
            FreshUntil = freshUntil,
            QuietUntil = Math.Min(policy.QuietUntil(from.LoadedAt, freshUntil, from.LoadTicks), goneAt),
            HardUntil = goneAt,
            LoadTicks = from.LoadTicks,
            SlidingTicks = slidingTicks,
            IdleUntil = IdleUntil(slidingTicks, from.FetchedAt),
            IsForKeeping = IsForKeeping(slidingTicks),
            Scopes = ScopesOf(key, result, inherited ?? []),
            SourceVersion = result.Version,
            FilledUnder = from.FilledUnder,
            FilledMark = from.FilledUnder.Mark,
            Stamp = from.Stamp,
            Incarnation = from.Incarnation,
            ValidAsOf = from.ValidAsOf,
            Epoch = from.Epoch,
            Origin = from.Origin,
        };
        entry.Bytes = Weigh(key, entry);
        return entry;
    }

    /// <summary>From a record that was just read; throws MP1202 if its payload cannot be read.</summary>
    public Entry<TValue> FromRecord(TKey key, SharedRecord record, EntryOptions? options, in Provenance from)
    {
        var policy = core.Policy;
        var freshUntil = from.LoadedAt + record.TimeToLive.Ticks;
        var slidingTicks = record.Sliding.Ticks;
        var goneAt = GoneAt(from.LoadedAt + record.HardTimeToLive.Ticks, from.FetchedAt, options);
        var entry = new Entry<TValue>
        {
            Value = record.Kind == RecordKind.Value
                ? core.Parts.Codec.Decode(record.Codec, record.Payload, policy.Limits.ValueBytesMax)
                : default,
            Kind = record.Kind,
            View = from.View,
            LoadedAt = from.LoadedAt,
            FetchedAt = from.FetchedAt,
            FreshUntil = freshUntil,
            QuietUntil = Math.Min(policy.QuietUntil(from.LoadedAt, freshUntil, record.LoadTime.Ticks), goneAt),
            HardUntil = goneAt,
            LoadTicks = from.LoadTicks,
            SlidingTicks = slidingTicks,
            IdleUntil = IdleUntil(slidingTicks, from.FetchedAt),
            IsForKeeping = IsForKeeping(slidingTicks),
            Scopes = [.. record.Scopes],
            SourceVersion = record.SourceVersion,
            FilledUnder = record.FilledUnder,
            FilledMark = record.FilledUnder.Mark,
            Stamp = from.Stamp,
            Incarnation = from.Incarnation,
            ValidAsOf = from.ValidAsOf,
            Epoch = from.Epoch,
            Origin = from.Origin,
        };
        entry.Bytes = Weigh(key, entry);
        return entry;
    }

    /// <summary>MP1201 if the entry's value is over the keyspace's limit as estimated; null if not, or where values are encoded and so measured.</summary>
    public MillpondException? OverLimit(TKey key, Entry<TValue> entry)
    {
        var limit = core.Policy.Limits.ValueBytesMax;
        var bytes = entry.Bytes - LocalTier<TKey, TValue>.OverheadBytes - SizeEstimator<TKey>.Bytes(key);
        return core.Tier.Capabilities.HoldsValues || bytes <= limit ? null : new MillpondException(
            ErrorCode.ValueSize,
            $"A value of keyspace '{core.Name}' takes about {bytes} bytes, over its ValueBytesMax of {limit}. Cache a smaller value (an identifier, a page of the "
            + "list, fewer columns), or raise ValueBytesMax for this keyspace.")
        {
            Keyspace = core.Name,
        };
    }

    /// <summary>The record of an entry, with the payload given.</summary>
    public SharedRecord ToRecord(Entry<TValue> entry, ReadOnlyMemory<byte> payload) => new()
    {
        Kind = entry.Kind,
        Payload = payload,
        Codec = entry.Kind == RecordKind.Value && core.Tier.Capabilities.HoldsValues ? core.Parts.Codec.IdOf(entry.Value!) : 0,
        AgeAtFill = TimeSpan.FromTicks(core.Surroundings.Now - entry.LoadedAt),
        TimeToLive = TimeSpan.FromTicks(entry.FreshUntil - entry.LoadedAt),

        // Not from the entry's own end, which may be nearer for this process alone.
        HardTimeToLive = core.Policy.HardTime(TimeSpan.FromTicks(entry.FreshUntil - entry.LoadedAt)),
        Sliding = TimeSpan.FromTicks(entry.SlidingTicks),
        LoadTime = TimeSpan.FromTicks(entry.LoadTicks),
        Stamp = entry.Stamp,
        Incarnation = entry.Incarnation,
        Scopes = entry.Scopes,
        SourceVersion = entry.SourceVersion,
        FilledUnder = entry.FilledUnder,
    };

    private static long GoneAt(long hardUntil, long fetchedAt, EntryOptions? options) =>
        options?.LocalTimeToLive is { } local && local.Ticks < hardUntil - fetchedAt ? fetchedAt + local.Ticks : hardUntil;

    /// <summary>
    /// When this process lets go of a sliding entry unless it is read. Where the shared tier holds values, it is there that the entry slides, and a hit here does not
    /// reach it. So an entry is kept here for half its sliding time, and a key that is read here alone is read there in time; or not at all, where sliding is exact
    /// (<see cref="IsForKeeping"/>).
    /// </summary>
    private long IdleUntil(long slidingTicks, long fetchedAt)
    {
        if (slidingTicks == 0)
        {
            return long.MaxValue;
        }

        return fetchedAt + (core.Tier.Capabilities.HoldsValues ? slidingTicks / 2 : slidingTicks);
    }

    private bool IsForKeeping(long slidingTicks) => slidingTicks == 0 || !core.Parts.SlidesExactly || !core.Tier.Capabilities.HoldsValues;

    private string[] ScopesOf(TKey key, in LoadResult<TValue> result, string[] inherited)
    {
        var naming = core.Parts.Naming;
        var scopes = naming.ScopesOf(key);
        var declared = result.Value is { } value ? DeclaredTags(key, value) : [];
        if (declared.Length == 0 && result.Tags is null or { Count: 0 } && inherited.Length == 0)
        {
            return scopes;
        }

        string[] made = [.. scopes.Concat(declared.Concat(result.Tags ?? []).Select(tag => naming.TagScope(key, tag))).Concat(inherited).Distinct()];
        if (made.Length - scopes.Length > core.Policy.Limits.TagsMax)
        {
            throw new MillpondException(
                ErrorCode.TooMany,
                $"An entry of keyspace '{core.Name}' has {made.Length - scopes.Length} tags, more than its TagsMax of {core.Policy.Limits.TagsMax}. "
                + "Tag by what changes together (a category, not each of its products), or raise TagsMax.")
            {
                Keyspace = core.Name,
            };
        }

        return made;
    }

    private string[] DeclaredTags(TKey key, TValue value)
    {
        try
        {
            return core.Parts.Tags is { } tags ? [.. tags(key, value) ?? []] : [];
        }
        catch (Exception failure)
        {
            throw LoadFailures.FunctionThrew(core.Name, "tag", failure);
        }
    }

    private long Weigh(TKey key, Entry<TValue> entry)
    {
        var value = entry.Value is null ? NegativeBytes
            : core.Parts.Weigher is { } weigher ? Declared(weigher, key, entry.Value)
            : SizeEstimator<TValue>.Bytes(entry.Value);
        return LocalTier<TKey, TValue>.OverheadBytes + SizeEstimator<TKey>.Bytes(key) + Math.Clamp(value, 0, WeightMax);
    }

    private long Declared(Func<TKey, TValue, long> weigher, TKey key, TValue value)
    {
        try
        {
            return weigher(key, value);
        }
        catch (Exception failure)
        {
            throw LoadFailures.FunctionThrew(core.Name, "weigh", failure);
        }
    }
}
