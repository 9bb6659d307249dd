using Microsoft.Extensions.DependencyInjection;

namespace Millpond.Tests.Rig;

internal static class Providers
{
    public static IKeyspace<TKey, TValue> Keyspace<TKey, TValue>(this IServiceProvider services, string name)
        where TKey : notnull => services.GetRequiredService<ICache>().Keyspace<TKey, TValue>(name);

    /// <summary>What lies behind the cache, for looking at what users do not see.</summary>
    public static CacheHost Host(this IServiceProvider services) => (CacheHost)services.GetRequiredService<ICache>();

    public static IKeyspaceHandle HandleOf(this IServiceProvider services, string name) => services.Host().Keyspaces.Single(one => one.Name == name);
}
