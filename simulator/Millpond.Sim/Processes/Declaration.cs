using Millpond.Sim.Database;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Processes;

/// <summary>Declares the keyspaces of <see cref="Space"/> as an application would.</summary>
internal static class Declaration
{
    /// <summary>The longest load that counts; a lease lives for this and <see cref="LeaseMargin"/> at most.</summary>
    public static readonly TimeSpan LoadTimeout = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan LeaseMargin = TimeSpan.FromMilliseconds(500);

    // As short as may be, so that many loads live on extensions.
    private static readonly TimeSpan LeaseTime = TimeSpan.FromMilliseconds(100);

    public static void Of(MillpondBuilder millpond, LoadMeter meter, SimulatedSource source, Catalogue catalogue)
    {
        foreach (var space in Space.All)
        {
            if (space.Tenants == 1)
                millpond.AddKeyspace<int, Row>(space.Name, k => Declare(k, space, key => catalogue.Of(space.Number, 0, key), meter, source));
            else
                millpond.AddTenantKeyspace<int, Row>(space.Name, k => Declare(k, space, key => catalogue.Of(space.Number, TenantOf(key.Tenant), key.Key), meter, source));
        }
    }

    private static int TenantOf(string name) => name[^1] - '0';

    private static void Declare<TKey>(KeyspaceBuilder<TKey, Row> keyspace, Space space, Func<TKey, Item> find, LoadMeter meter, SimulatedSource source)
        where TKey : notnull
    {
        keyspace.Codec(RowCodec.Only).Weigh((_, _) => 200).Tags((_, row) => [Catalogue.Tag(row.Category)]);
        keyspace.Policy(p =>
        {
            p.TimeToLive = space.TimeToLive;
            p.NegativeTimeToLive = space.NegativeTimeToLive;
            p.StaleWhileRevalidate = space.StaleWhileRevalidate;
            p.StaleIfError = space.StaleIfError;
            p.RefreshAhead = space.RefreshAhead;
            p.EarlyRefresh = space.EarlyRefresh;
            p.AfterInvalidation = space.After;
            p.LoadTimeout = LoadTimeout;
            p.SoftTimeout = space.SoftTimeout;
        });
        keyspace.Limits(l =>
        {
            l.LeaseTime = LeaseTime;
            l.LeaseMargin = LeaseMargin;
            l.LocalBytesMax = space.LocalBytesMax;
            l.LeaseWaitMax = TimeSpan.FromSeconds(2);
        });
        if (!space.HasLoader)
            return;
        keyspace.Load(async (key, token) => (await source.LoadAsync(meter, [find(key)], token).ConfigureAwait(false))[0]);
        keyspace.WriteWith((context, _) => new(source.WriteAsync(meter, find(context.Key), context.Value)));
        keyspace.LoadMany(async (keys, token) =>
        {
            var rows = await source.LoadAsync(meter, [.. keys.Select(find)], token).ConfigureAwait(false);
            return keys.Zip(rows).Where(pair => pair.Second is not null).ToDictionary(pair => pair.First, pair => pair.Second!);
        });
    }
}
