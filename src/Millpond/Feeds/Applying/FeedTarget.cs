using Millpond.Events;
using Millpond.Feeds.Rules;
using Millpond.Invalidation;
using Millpond.Keyspaces;
using Millpond.Partitions;
using Millpond.Sessions;

namespace Millpond.Feeds.Applying;

/// <summary>A keyspace as feeds see it: rules, and the road that what they find goes.</summary>
internal interface IFeedTarget
{
    string Keyspace { get; }

    /// <summary>The rules, in the order of their numbers.</summary>
    IReadOnlyList<RuleShape> Rules { get; }

    IReadOnlyList<PartitionKeeper> Partitions { get; }

    Touched NewTouched();

    void Apply(int rule, in RowChange row, Touched touched);

    void ApplyMany(int rule, Touched touched);

    /// <summary>Gives reads with a bound what proves that an entry is within it. Called once, before the first read.</summary>
    void ProveBy(FeedProof proof);

    /// <summary>Makes the changes; those that could not be told yet are told when the tasks in <paramref name="deferred"/> complete.</summary>
    ValueTask ChangeAsync(Touched touched, ISet<Task<bool>> deferred);
}

/// <summary>The same with its types.</summary>
internal sealed class FeedTarget<TKey, TValue>(KeyspaceCore<TKey, TValue> core, InvalidateRoad<TKey, TValue> road, IReadOnlyList<CompiledRule<TKey>> rules) : IFeedTarget
    where TKey : notnull
{
    public string Keyspace => core.Name;

    public IReadOnlyList<RuleShape> Rules { get; } = [.. rules.Select(rule => rule.Shape)];

    public IReadOnlyList<PartitionKeeper> Partitions => core.Partitions;

    public void ProveBy(FeedProof proof) => (core.Proof, core.Stand) = (proof, new RegionStand(proof, core.Rules, core.Surroundings));

    public Touched NewTouched() => new Touched<TKey>();

    public void Apply(int rule, in RowChange row, Touched touched) => rules[rule].Apply(row, (Touched<TKey>)touched);

    public void ApplyMany(int rule, Touched touched) => rules[rule].ApplyMany((Touched<TKey>)touched);

    public ValueTask ChangeAsync(Touched touched, ISet<Task<bool>> deferred) => road.FoundAsync(((Touched<TKey>)touched).All, touched.Wide(), ChangeOrigin.Feed, deferred);
}
