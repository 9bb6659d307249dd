using Millpond.Events;
using Millpond.Feeds.Rules;
using Millpond.Keys;
using Millpond.Keyspaces;
using Millpond.Loading;
using Millpond.Local;
using Millpond.Policies;
using Millpond.Runtime;
using Millpond.Serialization;
using Millpond.Shared;
using Millpond.WarmSides;
using Millpond.WarmingUp;

namespace Millpond;

/// <summary>A keyspace as the user declared it: options and functions, not yet judged.</summary>
internal abstract class KeyspaceDeclared(string name)
{
    public string Name { get; } = name;

    public int Version { get; set; } = 1;

    public string Source { get; set; } = "default";

    public KeyspacePolicy Policy { get; } = new();

    public KeyspaceLimits Limits { get; } = new();

    public int? CompressAbove { get; set; }

    public bool HasTenants { get; set; }

    /// <summary>What it is filled with when the program starts; null if nothing.</summary>
    public abstract WarmUpDeclared? WarmUp { get; }

    /// <summary>The feeds that its rules name; null for a rule that is for every feed.</summary>
    public abstract IEnumerable<string?> FeedsNamed { get; }

    /// <summary>Its name in the shared tier.</summary>
    public string FullNameUnder(string prefix) => $"{prefix}:{Name}:v{Version}";

    /// <summary>For errors: the types as the user wrote them.</summary>
    public abstract string Types { get; }

    /// <summary>Finds what only building could find, such as a key type without a text form.</summary>
    public abstract void Check(ICollection<string> faults);

    public abstract IKeyspaceHandle Build(CacheParts cache, Policy policy, SourceGuard source);
}

/// <summary>What all keyspaces of a cache are built from.</summary>
internal sealed record CacheParts
{
    public required string Prefix { get; init; }

    public required ISharedTier Tier { get; init; }

    public required Surroundings Surroundings { get; init; }

    public required LocalBudget Budget { get; init; }

    public required CacheListener Listener { get; init; }

    public required IServiceProvider Services { get; init; }

    public required CodecRegistry Codecs { get; init; }

    /// <summary>Where a keyspace's keys outlive the process; null where nothing is to.</summary>
    public Func<string, KeyFile?> KeyFileOf { get; init; } = _ => null;

    /// <summary>Where what the shared tier does not have is copied from; null if from nowhere.</summary>
    public WarmSide? WarmSide { get; init; }

    public ProtocolRules Rules { get; init; } = ProtocolRules.Standard;
}

/// <summary>The declaration of a keyspace with its types.</summary>
internal sealed class KeyspaceDeclared<TKey, TValue>(string name) : KeyspaceDeclared(name)
    where TKey : notnull
{
    public Func<IServiceProvider, Loader<TKey, TValue>>? Loader { get; set; }

    public Func<IServiceProvider, BatchLoader<TKey, TValue>>? BatchLoader { get; set; }

    public Func<IServiceProvider, Loader<TKey, TValue>>? HomeLoader { get; set; }

    public Func<Exception, bool>? IsTransient { get; set; }

    public Func<TKey, TValue?>? Fallback { get; set; }

    public Func<IServiceProvider, Writer<TKey, TValue>>? Writer { get; set; }

    public Writing.Behind.WriteBehindDeclared<TKey, TValue>? Behind { get; set; }

    public Func<TKey, TValue, IEnumerable<string>>? Tags { get; set; }

    public Func<TKey, TValue, long>? Weigher { get; set; }

    public WarmUpDeclared<TKey>? WarmsUp { get; set; }

    public override WarmUpDeclared? WarmUp => WarmsUp;

    public List<RowRule<TKey>> Rules { get; } = [];

    public override IEnumerable<string?> FeedsNamed => Rules.Select(rule => rule.Feed);

    public (Func<TKey, string> Write, Func<string, TKey> Read)? KeyText { get; set; }

    public IValueCodec<TValue>? Codec { get; set; }

    public bool AllowsUnorderedSets { get; set; }

    public bool SlidesExactly { get; set; }

    /// <summary>Makes the codec of a keyspace whose values say themselves how they are encoded; null for one type, one codec.</summary>
    public Func<CacheParts, RecordCodec<TValue>>? RecordCodec { get; set; }

    /// <summary>Makes the naming; set for keyspaces with tenants, whose key type is not the user's.</summary>
    public Func<KeyNaming<TKey>>? Naming { get; set; }

    /// <summary>Makes what users are given; the keyspace itself if not set.</summary>
    public Func<Keyspace<TKey, TValue>, object>? Face { get; set; }

    public override string Types => $"{typeof(TKey).Name}, {typeof(TValue).Name}";

    public override void Check(ICollection<string> faults)
    {
        if (HasTenants && KeyText is not null)
        {
            faults.Add($"keyspace '{Name}' has tenants and declares a KeyText, which would not be used: the tenant's part of a key's text is not the application's. "
                + "Use a key type that has a text form.");
        }

        try
        {
            MakeNaming();
        }
        catch (MillpondException fault)
        {
            faults.Add(fault.Message);
        }

        if (HasTenants && KeyText is not null)
        {
            faults.Add($"Keyspace '{Name}' has tenants, and there KeyText has no effect: the tenant's text and the key's are kept apart by rules of Millpond's own. "
                + "Take a key type with a text form, such as a record struct of strings and numbers.");
        }

        if (Behind is { } behind)
        {
            foreach (var fault in behind.Options.Faults($"keyspace '{Name}', WriteBehind"))
            {
                faults.Add(fault);
            }

            if (Writer is not null)
            {
                faults.Add($"keyspace '{Name}' declares both a writer (Write) and write-behind (WriteBehind). Take one: either writes wait for the source, or they are journaled.");
            }
        }

        foreach (var rule in Rules)
        {
            RuleFaults.Check(Name, rule, HasTenants, faults);
        }

        if (typeof(TValue) == typeof(object) && (Codec is not null || CompressAbove is not null))
        {
            faults.Add($"Keyspace '{Name}' holds values of any type, each with the codec of its own type, so Codec and CompressAbove have no effect. Register an IValueCodec<T> for the type, or declare a keyspace for it.");
        }
    }

    public override IKeyspaceHandle Build(CacheParts cache, Policy policy, SourceGuard source)
    {
        var core = new KeyspaceCore<TKey, TValue>(new KeyspaceParts<TKey, TValue>
        {
            Name = Name,
            FullName = FullNameUnder(cache.Prefix),
            Version = Version,
            Policy = policy,
            Naming = MakeNaming(),
            Codec = MakeCodec(cache),
            Tier = cache.Tier,
            Surroundings = cache.Surroundings,
            Budget = cache.Budget,
            Source = source,
            WarmSide = cache.WarmSide,
            Listener = cache.Listener,
            Rules = cache.Rules,
            Loader = Loader?.Invoke(cache.Services),
            BatchLoader = BatchLoader?.Invoke(cache.Services),
            HomeLoader = HomeLoader?.Invoke(cache.Services),
            IsTransient = IsTransient,
            Fallback = Fallback,
            Writer = Writer?.Invoke(cache.Services),
            Behind = Behind is { } behind ? new($"{cache.Prefix}:{Name}", behind.Journal(cache.Services), behind.Sink(cache.Services), behind.Options) : null,
            Tags = Tags,
            Weigher = Weigher,
            AllowsUnorderedSets = AllowsUnorderedSets,
            SlidesExactly = SlidesExactly,
        });
        var keyspace = new Keyspace<TKey, TValue>(core);
        return new KeyspaceHandle<TKey, TValue>(
            keyspace, Face?.Invoke(keyspace) ?? keyspace, Rules.Count == 0 ? null : keyspace.FollowBy([.. Rules.Select(rule => new CompiledRule<TKey>(rule, core.Parts.Naming))]))
        {
            WarmUp = WarmsUp is null ? null : new WarmUp<TKey, TValue>(core, keyspace.Ahead, WarmsUp, cache.Services, cache.KeyFileOf(Name)),
        };
    }

    private RecordCodec<TValue> MakeCodec(CacheParts cache) =>
        RecordCodec is { } own ? own(cache)
            : typeof(TValue) == typeof(object)
                ? (RecordCodec<TValue>)(object)new AdHocRecordCodec(Name, cache.Codecs)
                : Codec is null && Behind is null && !cache.Tier.Capabilities.HoldsValues ? new NoRecordCodec<TValue>()
                : new TypedRecordCodec<TValue>(Name, Codec ?? FindCodec(cache), CompressAbove);

    private IValueCodec<TValue> FindCodec(CacheParts cache)
    {
        try
        {
            return cache.Codecs.For<TValue>();
        }
        catch (Exception failure) when (failure is InvalidOperationException or NotSupportedException)
        {
            throw new MillpondException(
                ErrorCode.InvalidConfiguration,
                $"the values of keyspace '{Name}' ({typeof(TValue).Name}) cannot be written as JSON: {failure.Message} Give the keyspace a codec (Codec(...)), or the type a shape that JSON has.", failure)
            {
                Keyspace = Name,
            };
        }
    }

    private KeyNaming<TKey> MakeNaming() => Naming?.Invoke()
        ?? new PlainNaming<TKey>(KeyText is { } text ? KeyText<TKey>.Create(text.Write, text.Read, Name) : KeyText<TKey>.Create(Name), Name);
}
