using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Bench.Suites.Resp;
using Millpond.Redis;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Bench.Suites.Shared;

/// <summary>A cache over a redis-server, its local tier off, with values stored in it; and the client alone.</summary>
internal sealed class SharedCache : IAsyncDisposable
{
    private const int Keys = 1_000;
    private const int BatchSize = 100;
    private readonly ServiceProvider _services;
    private readonly RedisSharedTier _tier;
    private readonly RespClient _bare;
    private readonly IKeyspace<int, byte[]> _keyspace;
    private readonly PartitionId _partition;
    private readonly int _bytes;

    private SharedCache(ServiceProvider services, RespClient bare, int bytes)
    {
        (_services, _bare, _bytes) = (services, bare, bytes);
        _tier = services.GetRequiredKeyedService<RedisSharedTier>("default");
        _keyspace = services.GetRequiredService<IKeyspace<int, byte[]>>();
        _partition = new PartitionId($"millpond:bench{bytes}:v1", 0);
    }

    public static async Task<SharedCache> StartAsync(string address, int bytes)
    {
        var services = new ServiceCollection();
        services.AddMillpond(cache => cache
            .UseRedis(address)
            .Configure(options => options.HotKeys.TrackedKeysMax = 0) // A lone caller's only key would be held here, or asked for in turns.
            .AddKeyspace<int, byte[]>($"bench{bytes}", keyspace => keyspace.TimeToLive(TimeSpan.FromHours(1)).Limits(limits => limits.LocalBytesMax = 0).AllowUnorderedSets()));
        var cache = new SharedCache(services.BuildServiceProvider(), new RespClient(RespOptions.Parse(address)), bytes);
        await cache._tier.ConnectAsync(default);
        for (var i = 0; i < Keys; i++)
        {
            await cache._keyspace.SetAsync(i, new byte[bytes]);
        }

        return cache;
    }

    public Func<ValueTask> GetBare(int caller)
    {
        var (key, wanted) = (KeyOf(caller % Keys), 0);
        return CallAsync;

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
        async ValueTask CallAsync()
        {
            var length = await _bare.SendAsync<Get, int>(new Get(key));
            wanted = wanted == 0 ? length : wanted;
            Check(length >= _bytes && length == wanted);
        }
    }

    public Func<ValueTask> ReadTier(int caller)
    {
        var key = new SharedKey(_partition, $"{caller % Keys}");
        return CallAsync;

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
        async ValueTask CallAsync()
        {
            var reply = await _tier.ReadAsync(key, null, default);
            Check(reply.Record!.Payload.Length == _bytes);
            reply.Record.Owner?.Dispose();
        }
    }

    public Func<ValueTask> GetKeyspace(int caller)
    {
        var key = caller % Keys;
        return CallAsync;

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
        async ValueTask CallAsync() => Check((await _keyspace.GetAsync(key))!.Length == _bytes);
    }

    public Func<ValueTask> GetManyBare(int caller)
    {
        var request = new GetMany([.. Enumerable.Range(0, BatchSize).Select(i => KeyOf(((caller * BatchSize) + i) % Keys))]);
        return async () => Check(await _bare.SendAsync<GetMany, int>(request) >= BatchSize * _bytes);
    }

    public Func<ValueTask> GetManyKeyspace(int caller)
    {
        int[] keys = [.. Enumerable.Range(0, BatchSize).Select(i => ((caller * BatchSize) + i) % Keys)];
        return async () => Check((await _keyspace.GetManyAsync(keys)).Count == BatchSize);
    }

    public async ValueTask DisposeAsync()
    {
        await _bare.DisposeAsync();
        await _services.DisposeAsync();
    }

    private byte[] KeyOf(int key) => Encoding.UTF8.GetBytes($"{{{_partition}}}:{key}");

    private static void Check(bool holds)
    {
        if (!holds)
        {
            throw new InvalidOperationException("A reply is not what was stored.");
        }
    }
}

/// <summary>Reads many values and answers their length together.</summary>
internal readonly struct GetMany(byte[][] keys) : IRespRequest<int>
{
    public string Name => "MGET";

    public RespTraits Traits => RespTraits.Idempotent;

    public int Slot => RespSlot.Of(keys[0]);

    public void Write(ref RespWriter writer)
    {
        writer.Command("MGET"u8, keys.Length);
        foreach (var key in keys)
        {
            writer.Argument(key);
        }
    }

    public int Read(ref RespReader reader)
    {
        var length = 0;
        for (var left = reader.GetCount(); left > 0; left--)
        {
            reader.ReadNext();
            length += reader.Bytes.Length;
        }

        return length;
    }
}
