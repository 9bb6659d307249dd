using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millpond.Redis;
using Millpond.Resp;

namespace Millpond;

/// <summary>Puts a cache's shared tier on Redis, Valkey or Garnet.</summary>
public static class RedisMillpondBuilderExtensions
{
    /// <summary>Uses the engine that a configuration string names: <c>host:port,host:port,ssl=true,...</c> or a <c>redis://</c> URL. docs/redis.md has all names.</summary>
    /// <param name="builder">The cache.</param>
    /// <param name="configuration">Where the engine is. Unless it says otherwise, a connection is asked for a sign of life after a heartbeat of silence, and a call waits one second.</param>
    /// <param name="options">Changes the other options; null for the defaults.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="RespException">The string has faults; the message lists all of them.</exception>
    public static MillpondBuilder UseRedis(this MillpondBuilder builder, string configuration, Func<RedisSharedTierOptions, RedisSharedTierOptions>? options = null)
    {
        var given = RedisConfiguration.Parse(configuration);
        return builder.UseRedis(_ => options?.Invoke(given) ?? given);
    }

    /// <summary>Uses the engine that these options name. The tier is made once for the cache, and ended with the program's services.</summary>
    /// <param name="builder">The cache.</param>
    /// <param name="options">Gives the options.</param>
    /// <returns>The builder.</returns>
    public static MillpondBuilder UseRedis(this MillpondBuilder builder, Func<IServiceProvider, RedisSharedTierOptions> options)
    {
        builder.Services.AddKeyedSingleton(builder.Name, (services, _) => new RedisSharedTier(options(services), services.GetService<ILoggerFactory>()));
        return builder.UseSharedTier(services => services.GetRequiredKeyedService<RedisSharedTier>(builder.Name));
    }

    /// <summary>Fills the shared tier from the engine that a configuration string names: that of a region or cluster which is warm (<see cref="MillpondBuilder.FillFrom"/>). Nothing is written there.</summary>
    /// <param name="builder">The cache.</param>
    /// <param name="configuration">Where the engine is, as for <see cref="UseRedis(MillpondBuilder, string, Func{RedisSharedTierOptions, RedisSharedTierOptions})"/>.</param>
    /// <param name="options">Changes the other options; null for the defaults.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="RespException">The string has faults; the message lists all of them.</exception>
    public static MillpondBuilder FillFromRedis(this MillpondBuilder builder, string configuration, Func<RedisSharedTierOptions, RedisSharedTierOptions>? options = null)
    {
        var given = RedisConfiguration.Parse(configuration);
        var name = $"{builder.Name}/warm-side";
        builder.Services.AddKeyedSingleton(name, (services, _) => new RedisSharedTier(options?.Invoke(given) ?? given, services.GetService<ILoggerFactory>()));
        return builder.FillFrom(services => services.GetRequiredKeyedService<RedisSharedTier>(name));
    }
}
