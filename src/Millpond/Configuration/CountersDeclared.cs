using Millpond.Journals;
using Millpond.Keys;
using Millpond.Keyspaces;
using Millpond.Sinks;
using Millpond.Writing.Behind;

namespace Millpond;

/// <summary>Merged counters as declared.</summary>
internal abstract class CountersDeclared(string name)
{
    public string Name { get; } = name;

    public abstract void Check(ICollection<string> faults);

    public abstract ICountersHandle Build(CacheParts cache);
}

/// <summary>The same with their key type.</summary>
internal sealed class CountersDeclared<TKey>(string name, Func<IServiceProvider, IWriteJournal> journal, Func<IServiceProvider, IWriteSink<TKey, long>> sink, WriteBehindOptions options) : CountersDeclared(name)
    where TKey : notnull
{
    public override void Check(ICollection<string> faults)
    {
        foreach (var fault in options.Faults($"merged counters '{Name}'"))
        {
            faults.Add(fault);
        }

        try
        {
            MakeNaming();
        }
        catch (MillpondException fault)
        {
            faults.Add(fault.Message);
        }
    }

    public override ICountersHandle Build(CacheParts cache)
    {
        var naming = MakeNaming();
        var behind = new BehindRoad<TKey, long>(new BehindParts<TKey, long>
        {
            Name = Name,
            FullName = $"{cache.Prefix}:{Name}",
            Journal = journal(cache.Services),
            Sink = sink(cache.Services),
            Options = options,
            Naming = naming,
            Codec = new BehindCodec<long>(null, () => 0),
            Surroundings = cache.Surroundings,
            Listener = cache.Listener,
            Rules = cache.Rules,
        });
        return new MergedCounters<TKey>(Name, naming, behind, cache.Surroundings);
    }

    private PlainNaming<TKey> MakeNaming() => new(KeyText<TKey>.Create(Name), Name);
}
