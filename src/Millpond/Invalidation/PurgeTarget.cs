using Millpond.Events;
using Millpond.Keys;
using Millpond.Keyspaces;
using Millpond.Serialization;
using Millpond.Shared;

namespace Millpond.Invalidation;

/// <summary>A keyspace as those see it who know it by name: texts that become keys and scopes, and the road that they go.</summary>
internal interface IPurgeTarget
{
    ValueTask<PurgeResult> PurgeAsync(Purge purge, CancellationToken cancellationToken);
}

/// <summary>The same with its types. Everything is read before anything is changed, so that a purge is made whole or not at all.</summary>
internal sealed class PurgeTarget<TKey, TValue>(KeyspaceCore<TKey, TValue> core, InvalidateRoad<TKey, TValue> road) : IPurgeTarget
    where TKey : notnull
{
    // As many as a message can name before nobody reads it.
    private const int PlacesNamedMax = 10;

    public async ValueTask<PurgeResult> PurgeAsync(Purge purge, CancellationToken cancellationToken)
    {
        core.ThrowIfDisposed();
        Check(purge);
        var keys = ReadKeys(purge);
        var tags = purge.Tags.Select(tag => Change.OfScope(core.Parts.Naming.TagScope(purge.Tenant, tag ?? ""))).Distinct().ToArray();
        HashSet<Task<bool>> deferred = [];
        var change = road.FoundAsync(keys, [.. tags, .. All(purge)], ChangeOrigin.Purge, deferred);
        await core.Surroundings.WaitAsync(change.AsTask(), cancellationToken).ConfigureAwait(false);
        return new() { Keys = keys.Count, Tags = tags.Length, All = purge.All, IsTold = deferred.Count == 0 };
    }

    private static IEnumerable<Change> All(Purge purge) =>
        !purge.All ? [] : [purge.Tenant is { } tenant ? Change.OfScope(Scope.Tenant(tenant)) : Change.OfKeyspace()];

    private void Check(Purge purge)
    {
        var names = purge.Keys.Count + purge.Tags.Count;
        if (names > Purge.NamesMax)
        {
            throw new MillpondException(ErrorCode.TooMany, $"a purge of keyspace '{core.Name}' names {names} keys and tags, over the NamesMax of {Purge.NamesMax}. Purge a tag that they carry, or the keyspace, or in several steps.") { Keyspace = core.Name };
        }

        if (names == 0 && !purge.All)
        {
            throw Refused("names nothing. Name keys or tags, or purge all of it.");
        }

        switch (core.Parts.Naming.HasTenants, purge.Tenant)
        {
            case (false, not null):
                throw Refused("names a tenant, and the keyspace has none. Leave it out.");
            case (true, null) when names > 0:
                throw Refused("names keys or tags without their tenant. Name it; without one, only all of every tenant's can be purged.");
            case (true, { } tenant):
                KeyRules.CheckTenant(tenant, core.Name);
                break;
        }
    }

    private HashSet<TKey> ReadKeys(Purge purge)
    {
        HashSet<TKey> keys = [];
        List<int> places = [];
        for (var place = 0; place < purge.Keys.Count; place++)
        {
            if (purge.Keys[place] is { } text && core.Parts.Naming.TryRead(purge.Tenant, text, out var key))
            {
                // By the limit of this process too, so that nothing of the purge fails once it has begun.
                core.NameOf(key);
                keys.Add(key);
            }
            else
            {
                places.Add(place);
            }
        }

        return places.Count == 0 ? keys : throw Unreadable(purge, places);
    }

    private PurgeException Unreadable(Purge purge, List<int> places) => new(
        $"of the {purge.Keys.Count} keys in a purge of keyspace '{core.Name}', {places.Count} cannot be read as {CodecId.NameOf(core.Parts.Naming.KeyType)}: those at the places {string.Join(", ", places.Take(PlacesNamedMax))}{(places.Count > PlacesNamedMax ? " and more" : "")}, "
        + $"counted from 0. Write keys as Millpond does: numbers as digits alone, {KeyRules.Escaped.Trim()} and the space in strings as %XX. Nothing was purged.")
    {
        Keyspace = core.Name,
        UnreadableKeys = [.. places.Select(place => purge.Keys[place] ?? "")],
    };

    private PurgeException Refused(string what) => new($"a purge of keyspace '{core.Name}' {what}") { Keyspace = core.Name };
}
