using Millpond.Tests.Rig;

namespace Millpond.Tests.Local;

/// <summary>The byte budget as its options set it.</summary>
public sealed class Budgeting
{
    [Fact]
    public void All_keyspaces_share_the_local_bytes() => Caches.Run(async caches =>
    {
        var provider = caches.Add(m => m.Configure(o => o.LocalBytesMax = 100_000)
            .AddKeyspace<int, byte[]>("a", k => k.Load((_, _) => new(new byte[1_000])))
            .AddKeyspace<int, byte[]>("b", k => k.Load((_, _) => new(new byte[1_000]))));
        for (var key = 0; key < 500; key++)
        {
            await provider.Keyspace<int, byte[]>("a").GetAsync(key);
            await provider.Keyspace<int, byte[]>("b").GetAsync(key);
        }

        Assert.InRange(provider.HandleOf("a").Bytes + provider.HandleOf("b").Bytes, 90_000, 100_000);
    });

    [Fact]
    public void A_keyspace_keeps_its_least_and_stays_within_its_most() => Caches.Run(async caches =>
    {
        var provider = caches.Add(m => m.Configure(o => o.LocalBytesMax = 100_000)
            .AddKeyspace<int, byte[]>("kept", k => k.Limits(l => l.LocalBytesMin = 40_000).Load((_, _) => new(new byte[1_000])))
            .AddKeyspace<int, byte[]>("held", k => k.Limits(l => l.LocalBytesMax = 20_000).Load((_, _) => new(new byte[1_000])))
            .AddKeyspace<int, byte[]>("none", k => k.Limits(l => l.LocalBytesMax = 0).Load((_, _) => new(new byte[1_000])))
            .AddKeyspace<int, byte[]>("free", k => k.Load((_, _) => new(new byte[1_000]))));
        for (var key = 0; key < 500; key++)
        {
            foreach (var name in new[] { "free", "held", "none", "kept" })
            {
                await provider.Keyspace<int, byte[]>(name).GetAsync(key);
            }
        }

        Assert.InRange(provider.HandleOf("kept").Bytes, 39_000, 65_000);
        Assert.InRange(provider.HandleOf("held").Bytes, 10_000, 20_000);
        Assert.Equal(0, provider.HandleOf("none").Entries);
        Assert.InRange(provider.HandleOf("free").Bytes, 15_000, 60_000);
    });

    [Fact]
    public void A_weigher_decides_what_an_entry_weighs() => Caches.Run(async caches =>
    {
        var provider = caches.Add(m => m
            .AddKeyspace<int, string>("light", k => k.Weigh((_, _) => 10).Load((_, _) => new("value")))
            .AddKeyspace<int, string>("heavy", k => k.Weigh((_, _) => 10_000).Load((_, _) => new("value"))));
        await provider.Keyspace<int, string>("light").GetAsync(1);
        await provider.Keyspace<int, string>("heavy").GetAsync(1);
        Assert.InRange(provider.HandleOf("heavy").Bytes - provider.HandleOf("light").Bytes, 9_990, 9_990 + (10_200 / 1_024));
    });
}
