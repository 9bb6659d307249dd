using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Events;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Configuration;

/// <summary>Settings that change while the cache runs.</summary>
public sealed class Reloading
{
    private readonly IConfigurationRoot _settings = new ConfigurationBuilder().AddInMemoryCollection().Build();
    private readonly Heard _heard = new();
    private readonly Source _source = new() { [1] = "one", [2] = "two", [3] = "three" };
    private ServiceProvider _provider = null!;

    private IKeyspace<int, string> Things => _provider.Keyspace<int, string>("thing");

    private void Start(Caches caches, Action<KeyspaceBuilder<int, string>>? declare = null)
    {
        _provider = caches.Add(
            m => m.AddKeyspace<int, string>("thing", k =>
            {
                k.Policy(p => p.Jitter = 0).Load(_source.LoadAsync);
                declare?.Invoke(k);
            }),
            configuration: _settings, more: services => services.AddSingleton<CacheListener>(_heard));
        Assert.Equal("default", _provider.Host().Name);
    }

    private void Set(string name, string? value)
    {
        _settings["Millpond:" + name] = value;
        _settings.Reload();
    }

    [Fact]
    public void Every_time_of_a_policy_takes_effect() => Caches.Run(async caches =>
    {
        Start(caches);
        await Things.GetAsync(1);
        Set("Keyspaces:thing:TimeToLive", "00:00:10");
        Set("Keyspaces:thing:NegativeTimeToLive", "00:00:05");
        Set("Keyspaces:thing:StaleIfError", "00:01:00");
        Set("Keyspaces:thing:LoadTimeout", "00:00:02");
        await Things.GetAsync(2);
        await Things.GetAsync(99);
        Assert.Equal(TimeSpan.FromMinutes(5), (await Things.ExplainAsync(1)).Local.FreshFor);
        Assert.Equal(TimeSpan.FromSeconds(10), (await Things.ExplainAsync(2)).Local.FreshFor);
        Assert.Equal(TimeSpan.FromSeconds(70), (await Things.ExplainAsync(2)).Local.KeptFor);
        Assert.Equal(TimeSpan.FromSeconds(5), (await Things.ExplainAsync(99)).Local.FreshFor);

        _source.Hold();
        var read = Things.GetAsync(3).AsTask();
        caches.Advance(TimeSpan.FromSeconds(2));
        await Expect.Error(ErrorCode.LoadTimedOut, () => new ValueTask<string?>(read), "2 s");
        _source.Release();

        Set("Keyspaces:thing:TimeToLive", null);
        Assert.Equal("three", await Things.GetAsync(3));
        Assert.Equal(TimeSpan.FromMinutes(5), (await Things.ExplainAsync(3)).Local.FreshFor);
    });

    [Fact]
    public void Every_limit_takes_effect() => Caches.Run(async caches =>
    {
        Start(caches, k => k.Tags((key, _) => ["a", "b"]));
        await Things.GetManyAsync([1, 2, 3]);
        Set("Keyspaces:thing:Limits:BatchKeysMax", "2");
        await Expect.Error(ErrorCode.TooMany, () => Things.GetManyAsync([1, 2, 3]), "BatchKeysMax of 2");
        Set("Keyspaces:thing:Limits:TagsMax", "1");
        await Things.InvalidateAsync(1);
        await Expect.Error(ErrorCode.TooMany, () => Things.GetAsync(1), "TagsMax of 1");
        Set("Keyspaces:thing:Limits:KeyBytesMax", "2");
        await Expect.Error(ErrorCode.KeyLength, () => Things.GetAsync(12345), "KeyBytesMax of 2");
        Set("Keyspaces:thing:Limits:ValueBytesMax", "1");
        Set("Keyspaces:thing:Limits:TagsMax", null);
        Assert.Equal("one", await Things.GetAsync(1));
        Assert.NotEmpty(_heard.All<ValueNotStored>());
        Assert.Equal(2, _provider.HandleOf("thing").Entries);
        Set("Keyspaces:thing:Limits:LocalBytesMax", "0");
        Assert.Equal(0, _provider.HandleOf("thing").Entries);
    });

    [Fact]
    public void The_budget_and_the_source_take_effect_at_once() => Caches.Run(async caches =>
    {
        Start(caches, k => k.Weigh((_, _) => 50_000));
        await Things.GetManyAsync([1, 2, 3]);
        Assert.Equal(3, _provider.HandleOf("thing").Entries);
        Set("LocalBytesMax", "70000");
        Assert.Equal(1, _provider.HandleOf("thing").Entries);

        Set("Sources:default:ConcurrentLoadsMax", "1");
        _source.Hold();
        Task<string?>[] reads = [Things.GetAsync(11).AsTask(), Things.GetAsync(12).AsTask()];
        Assert.Equal(1, _source.Held);
        Set("Sources:default:WaitingLoadsMax", "1");
        await Expect.Error(ErrorCode.SourceBusy, () => Things.GetAsync(13), "'default'", "WaitingLoadsMax 1");
        Set("Sources:default:ConcurrentLoadsMax", "2");
        Assert.Equal(2, _source.Held);
        _source.Release();
        await reads[0];
        await reads[1];
    });

    [Fact]
    public void A_faulty_reload_changes_nothing_and_is_told() => Caches.Run(async caches =>
    {
        Start(caches);
        _settings["Millpond:Keyspaces:thing:NegativeTimeToLive"] = "00:00:07";
        _settings["Millpond:LocalBytesMax"] = "100000";
        _settings["Millpond:Sources:default:ConcurrentLoadsMax"] = "5";
        Set("Keyspaces:thing:Jitter", "2");

        var refused = Assert.IsType<MillpondException>(Assert.Single(_heard.All<ConfigurationRefused>()).Failure);
        Assert.Equal(ErrorCode.InvalidConfiguration, refused.Code);
        Assert.Contains("Jitter is 2", refused.Message, StringComparison.Ordinal);
        await Things.GetAsync(99);
        Assert.Equal(TimeSpan.FromSeconds(30), (await Things.ExplainAsync(99)).Local.FreshFor);
        Assert.Equal(64, _provider.Host().Sources["default"].Limits.ConcurrentLoadsMax);

        Set("Keyspaces:thing:Jitter", "0");
        await Things.GetAsync(98);
        Assert.Equal(TimeSpan.FromSeconds(7), (await Things.ExplainAsync(98)).Local.FreshFor);
        Assert.Equal(5, _provider.Host().Sources["default"].Limits.ConcurrentLoadsMax);
    });

    [Fact]
    public void After_disposal_a_reload_is_nobodys_business() => Caches.Run(async caches =>
    {
        Start(caches);
        await Things.GetAsync(1);
        await _provider.DisposeAsync();
        Set("Keyspaces:thing:Jitter", "2");
        Assert.Empty(_heard.All<ConfigurationRefused>());
    });
}
