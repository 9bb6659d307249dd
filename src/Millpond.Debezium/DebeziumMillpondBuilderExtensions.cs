using Microsoft.Extensions.DependencyInjection;
using Millpond.Debezium;
using Millpond.Debezium.Streams;
using Millpond.Resp;

namespace Millpond;

/// <summary>Follows other databases through Debezium.</summary>
public static class DebeziumMillpondBuilderExtensions
{
    /// <summary>Follows the Redis Streams that Debezium Server writes, and makes stale what the keyspaces' rules (<c>ChangedBy</c>) say. Tables are named with their schema (<c>public.products</c>) or, where there is none, with their database (<c>shop.products</c>).</summary>
    /// <param name="builder">The cache.</param>
    /// <param name="name">The feed's name: the same in every process on the same shared tier.</param>
    /// <param name="redis">The server with the streams, as for <c>UseRedis</c>.</param>
    /// <param name="streams">The streams, one for each topic of Debezium's: <c>shop.public.products</c>.</param>
    /// <param name="options">Changes the other options; null for the defaults.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MillpondException">MP1001: the options have faults; the message lists all of them.</exception>
    /// <exception cref="RespException">The server's description cannot be read.</exception>
    public static MillpondBuilder AddDebeziumStreams(this MillpondBuilder builder, string name, string redis, IReadOnlyList<string> streams, Func<DebeziumStreamOptions, DebeziumStreamOptions>? options = null)
    {
        var given = new DebeziumStreamOptions { Redis = RespOptions.Parse(redis), Streams = streams };
        given = options?.Invoke(given) ?? given;
        DebeziumDeclaring.Check(name, given);
        return builder.AddChangeFeed(name, services => new DebeziumStreamFeed(name, given, DebeziumDeclaring.SurroundingsOf(services)));
    }

    /// <summary>Makes a <see cref="DebeziumInlet"/>, injected under the feed's name, for messages that are brought: by HTTP, or by a program that reads them somewhere.</summary>
    /// <param name="builder">The cache.</param>
    /// <param name="name">The feed's name: the same in every process on the same shared tier.</param>
    /// <param name="options">Changes the options; null for the defaults.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MillpondException">MP1001: the options have faults; the message lists all of them.</exception>
    public static MillpondBuilder AddDebeziumInlet(this MillpondBuilder builder, string name, Func<DebeziumOptions, DebeziumOptions>? options = null)
    {
        var given = new DebeziumOptions();
        given = options?.Invoke(given) ?? given;
        DebeziumDeclaring.Check(name, given);
        builder.Services.AddKeyedSingleton(name, (services, _) => new DebeziumInlet(name, given, DebeziumDeclaring.SurroundingsOf(services)));
        return builder.AddChangeFeed(name, services => new DebeziumInletFeed(services.GetRequiredKeyedService<DebeziumInlet>(name)));
    }
}
