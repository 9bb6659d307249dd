using Microsoft.Extensions.DependencyInjection;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Keyspaces;

/// <summary>Tenants do not meet, and cannot be forgotten.</summary>
public sealed class Tenants
{
    private static ITenantKeyspace<string, string> Add(Caches caches, List<TenantKey<string>> loads, Action<KeyspaceBuilder<TenantKey<string>, string>>? more = null) =>
        caches.Add(m => m.AddTenantKeyspace<string, string>("doc", k =>
        {
            k.Policy(p => p.Jitter = 0).Tags((_, value) => ["kind"]).Load((key, _) =>
            {
                loads.Add(key);
                return new($"{key.Tenant}/{key.Key}");
            });
            more?.Invoke(k);
        })).GetRequiredService<ITenantKeyspace<string, string>>();

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void The_same_key_of_two_tenants_is_two_entries(long sharedBytes) => Caches.Run(async caches =>
    {
        var loads = new List<TenantKey<string>>();
        var docs = Add(caches, loads);
        var (ann, bob) = (docs.ForTenant("ann"), docs.ForTenant("bob"));

        Assert.Equal("ann/x", await ann.GetAsync("x"));
        Assert.Equal("bob/x", await bob.GetAsync("x"));
        Assert.Equal("ann/x", await ann.GetAsync("x"));
        Assert.Equal([new("ann", "x"), new("bob", "x")], loads);
        Assert.True(bob.TryPeek("x", out var peeked));
        Assert.Equal("bob/x", peeked);
        Assert.Equal(["y", "x"], (await ann.GetManyAsync(["y", "x"])).Keys.OrderDescending());
        Assert.Equal("ann/x", (await ann.ReadAsync("x")).Value);
        Assert.Equal("doc", ann.Name);
    }, sharedBytes);

    [Fact]
    public void No_choice_of_tenant_and_key_reaches_another_tenants() => Caches.Run(async caches =>
    {
        var loads = new List<TenantKey<string>>();
        var docs = Add(caches, loads);
        string[] parts = ["a", "a:b", "b", "b:a", "%3A", ":", "a%3Ab", "#", "@", "{a}", " "];
        foreach (var tenant in parts)
        {
            foreach (var key in parts)
            {
                Assert.Equal($"{tenant}/{key}", await docs.ForTenant(tenant).GetAsync(key));
            }
        }

        Assert.Equal(parts.Length * parts.Length, loads.Count);
    }, sharedBytes: 1 << 20);

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void Invalidating_a_tenant_leaves_the_others(long sharedBytes) => Caches.Run(async caches =>
    {
        var loads = new List<TenantKey<string>>();
        var docs = Add(caches, loads);
        var (ann, bob) = (docs.ForTenant("ann"), docs.ForTenant("bob"));

        async Task Reload(int expected)
        {
            await ann.GetAsync("x");
            await bob.GetAsync("x");
            Assert.Equal(expected, loads.Count);
        }

        await Reload(2);
        await docs.InvalidateTenantAsync("ann");
        await Reload(3);
        await ann.InvalidateAllAsync();
        await Reload(4);
        await docs.InvalidateAllAsync();
        await Reload(6);
        await ann.InvalidateAsync("x");
        await Reload(7);
        await ann.InvalidateManyAsync(["x", "y"]);
        await Reload(8);
    }, sharedBytes);

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void A_tag_is_the_tenants_own(long sharedBytes) => Caches.Run(async caches =>
    {
        var loads = new List<TenantKey<string>>();
        var docs = Add(caches, loads);
        var (ann, bob) = (docs.ForTenant("ann"), docs.ForTenant("bob"));
        await ann.GetAsync("x");
        await bob.GetAsync("x");

        await ann.InvalidateTagAsync("kind");

        await bob.GetAsync("x");
        Assert.Equal(2, loads.Count);
        await ann.GetAsync("x");
        Assert.Equal(3, loads.Count);
    }, sharedBytes);

    [Fact]
    public void A_tenant_keyspace_cannot_be_had_without_naming_a_tenant() => Caches.Run(caches =>
    {
        var provider = caches.Add(m => m.AddTenantKeyspace<string, string>("doc", k => k.Load((key, _) => new(key.Key))));
        Assert.Null(provider.GetService<IKeyspace<string, string>>());
        Assert.Null(provider.GetKeyedService<IKeyspace<string, string>>("doc"));
        Expect.Error(ErrorCode.UnknownKeyspace, () => { _ = provider.Keyspace<string, string>("doc"); }, "'doc'", "by tenant");
        Expect.Error(ErrorCode.UnknownKeyspace, () => { _ = provider.Keyspace<TenantKey<string>, string>("doc"); }, "by tenant");
        return Task.CompletedTask;
    });

    [Theory]
    [InlineData("", ErrorCode.KeyLength)]
    [InlineData("a\tb", ErrorCode.KeyCharacters)]
    public void A_tenant_has_the_rules_of_a_tag(string tenant, ErrorCode code) => Caches.Run(async caches =>
    {
        var docs = Add(caches, []);
        Expect.Error(code, () => { _ = docs.ForTenant(tenant); }, "tenant", "'doc'");
        await Expect.Error(code, () => docs.InvalidateTenantAsync(tenant));
        Expect.Error(ErrorCode.KeyLength, () => { _ = docs.ForTenant(new string('x', 129)); }, "129", "128");
    });

    [Fact]
    public void Tenants_write_under_tickets_and_load_by_their_own_loaders_too() => Caches.Run(async caches =>
    {
        var docs = Add(caches, [], k => k.AllowUnorderedSets());
        var (ann, bob) = (docs.ForTenant("ann"), docs.ForTenant("bob"));
        await using (var ticket = await ann.BeginWriteAsync("x"))
        {
            Assert.True(await ticket.SetAsync("written"));
        }

        await bob.SetAsync("y", "set");
        Assert.Equal("written", await ann.GetAsync("x"));
        Assert.Equal("bob/x", await bob.GetAsync("x"));
        Assert.Equal("set", await bob.GetAsync("y"));
        Assert.Equal("brought z", await ann.GetOrLoadAsync("z", (context, _) => new(LoadResult.Found("brought " + context.Key))));
        Assert.Contains("ann", (await ann.ExplainAsync("z")).Key, StringComparison.Ordinal);
    });
}
