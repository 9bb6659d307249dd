using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Configuration;

/// <summary>What is wrong with settings is told all at once, with the place, the value, the rule and what to do.</summary>
public sealed class Faults
{
    [Fact]
    public void All_faults_are_told_at_once() => Caches.Run(caches =>
    {
        var told = FaultsOf(caches, m => m
                .AddKeyspace<int, string>("thing", k => k.Version(0).Source("nowhere").CompressAbove(-1).Policy(p => p.StaleIfError = TimeSpan.FromDays(-1)))
                .AddKeyspace<int, string>("Bad Name", _ => { })
                .AddKeyspace<int, string>("twice", _ => { })
                .AddKeyspace<long, string>("twice", _ => { })
                .AddKeyspace<object, string>("no-text", _ => { }),
            ("LocalBytesMax", "64MB"), ("LocalByteMax", "1"), ("Prefix", "UPPER"),
            ("Sources:default:ConcurrentLoadsMax", "0"), ("Sources:default:Limit", "1"),
            ("Keyspaces:thing:TimeToLive", "soon"), ("Keyspaces:thing:Jitter", "0.9"), ("Keyspaces:thing:AfterInvalidation", "Maybe"),
            ("Keyspaces:thing:AbandonedLoad", "7"), ("Keyspaces:thing:Limits:TagsMax", "-1"), ("Keyspaces:thing:Limits:Tags", "1"),
            ("Keyspaces:thng:TimeToLive", "00:05:00"));

        string[] expected =
        [
            "Millpond:LocalBytesMax is '64MB', which is not a whole number.",
            "Millpond:LocalByteMax is not a setting. Known here: ",
            "Millpond:Prefix: ",
            "Millpond:Sources:default:ConcurrentLoadsMax is 0; it must be from 1 to 100000.",
            "Millpond:Sources:default:Limit is not a setting.",
            "Millpond:Keyspaces:thing:TimeToLive is 'soon', which is not a time (write 00:05:00 for five minutes).",
            "Millpond:Keyspaces:thing:Jitter is 0.9; it must be from 0 to 0.5.",
            "Millpond:Keyspaces:thing:AfterInvalidation is 'Maybe', which is not a choice (Gone, Stale).",
            "Millpond:Keyspaces:thing:AbandonedLoad is '7', which is not a choice (Finishes, IsCancelled).",
            "Millpond:Keyspaces:thing:StaleIfError is -1.00:00:00; it must be from 00:00:00 to 365.00:00:00.",
            "Millpond:Keyspaces:thing:Limits:TagsMax is -1; it must be from 0 to ",
            "Millpond:Keyspaces:thing:Limits:Tags is not a setting.",
            "Millpond:Keyspaces:thng is not a declared keyspace. Declared: ",
            "keyspace 'thing' has version 0; versions begin at 1.",
            "keyspace 'thing' compresses above -1 bytes; give 0 or more.",
            "keyspace 'thing' names the source 'nowhere', which has no limits. Known: default.",
            "keyspace 'Bad Name': ",
            "keyspace 'twice' is declared 2 times.",
            " of keyspace 'no-text' has no text form",
        ];
        Assert.All(expected, fault => Assert.Contains(fault, told, StringComparison.Ordinal));
        Assert.Contains($"({expected.Length} faults)", told, StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    [Theory]
    [InlineData("Keyspaces:thing:SoftTimeout", "00:00:40", "SoftTimeout (00:00:40) is not shorter than LoadTimeout (00:00:30)")]
    [InlineData("Keyspaces:thing:SoftTimeout", "00:00:01", "no stale time is set. Set StaleIfError.")]
    [InlineData("Keyspaces:thing:AfterInvalidation", "Stale", "StaleWhileRevalidate is zero")]
    [InlineData("Keyspaces:thing:Limits:LocalBytesMax", "-1", "LocalBytesMax is -1")]
    [InlineData("Keyspaces:thing:Limits:LocalBytesMin", "9223372036854775807", "LocalBytesMin add up to 9223372036854775807, above LocalBytesMax (67108864)")]
    [InlineData("Keyspaces:thing:RefreshAhead", "NaN", "RefreshAhead is NaN")]
    [InlineData("Keyspaces:thing:EarlyRefresh", "11", "EarlyRefresh is 11")]
    [InlineData("Keyspaces:thing:TimeToLive", "00:00:00", "TimeToLive is 00:00:00")]
    [InlineData("Keyspaces:thing:LoadTimeout", "02:00:00", "LoadTimeout is 02:00:00")]
    [InlineData("Keyspaces:thing:Limits:KeyBytesMax", "65537", "KeyBytesMax is 65537")]
    [InlineData("Keyspaces:thing:Limits:ValueBytesMax", "0", "ValueBytesMax is 0")]
    [InlineData("Keyspaces:thing:Limits:BatchKeysMax", "0", "BatchKeysMax is 0")]
    [InlineData("Keyspaces:thing:Limits:LeaseMargin", "00:00:00", "LeaseMargin is 00:00:00")]
    [InlineData("Keyspaces:thing:Limits:LeaseWaitMax", "00:00:00", "LeaseWaitMax is 00:00:00")]
    [InlineData("Sources:other:WaitingLoadsMax", "-1", "Sources:other:WaitingLoadsMax is -1")]
    [InlineData("Sources:default:WaitingLoadsMax", "0", "Sources:default:WaitingLoadsMax is 0; it must be from 1")]
    [InlineData("Sources:default:ConcurrentLoadsMin", "65", "ConcurrentLoadsMin (65) is above ConcurrentLoadsMax (64). The least must be within the most.")]
    [InlineData("Sources:default:ConcurrentLoadsMin", "0", "ConcurrentLoadsMin is 0")]
    [InlineData("Sources:default:ConcurrentLoadsMin", "few", "ConcurrentLoadsMin is 'few', which is not a whole number")]
    [InlineData("Sources:default:WaitMax", "00:00:31", "may wait 00:00:31 for a place at source 'default' (WaitMax), but is given up after 00:00:30 (LoadTimeout)")]
    [InlineData("Sources:default:WaitMax", "00:00:00", "WaitMax is 00:00:00")]
    [InlineData("Sources:default:KeyspaceShareMax", "0", "KeyspaceShareMax is 0")]
    [InlineData("Sources:default:TenantShareMax", "1.1", "TenantShareMax is 1.1")]
    [InlineData("Sources:default:BreakerFailures", "0", "BreakerFailures is 0")]
    [InlineData("Sources:default:BreakerPause", "00:00:00", "BreakerPause is 00:00:00")]
    [InlineData("Sources:default:RetryShare", "-0.1", "RetryShare is -0.1")]
    [InlineData("Keyspaces:thing:RetriesMax", "11", "RetriesMax is 11")]
    [InlineData("SharedTierTimeoutMin", "00:00:01", "SharedTierTimeoutMin (00:00:01) is above SharedTierTimeoutMax (00:00:00.2500000)")]
    [InlineData("SharedTierTimeoutMin", "00:00:00", "SharedTierTimeoutMin is 00:00:00")]
    [InlineData("SharedTierTimeoutMax", "00:02:00", "SharedTierTimeoutMax is 00:02:00")]
    [InlineData("LocalBytesMax", "1000", "LocalBytesMax is 1000; it must be from 65536")]
    public void A_value_that_cannot_be_meant_is_a_fault(string setting, string value, string fault) => Caches.Run(caches =>
    {
        Assert.Contains(fault, FaultsOf(caches, m => m.AddKeyspace<int, string>("thing", _ => { }), (setting, value)), StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    [Fact]
    public void Declarations_that_would_change_nothing_are_faults() => Caches.Run(caches =>
    {
        var told = FaultsOf(caches, m => m
            .AddTenantKeyspace<string, string>("tenants", k => k.KeyText(key => key.Key, text => new("", text)))
            .AddKeyspace<string, object>("any", k => k.CompressAbove(100))
            .AddKeyspace<int, string>("adhoc", _ => { }));
        Assert.Contains("'tenants' has tenants, and there KeyText has no effect", told, StringComparison.Ordinal);
        Assert.Contains("'any' holds values of any type", told, StringComparison.Ordinal);
        Assert.Contains("'adhoc' is declared with the types Int32, String", told, StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    [Fact]
    public void Names_of_configuration_know_no_case() => Caches.Run(async caches =>
    {
        var source = new Source { [1] = "one" };
        var provider = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.Load(source.LoadAsync)), configuration: Of(
            ("KEYSPACES:THING:TIMETOLIVE", "00:00:10"), ("KEYSPACES:THING:JITTER", "0"), ("SOURCES:DEFAULT:CONCURRENTLOADSMAX", "3")));
        await provider.Keyspace<int, string>("thing").GetAsync(1);
        Assert.Equal(TimeSpan.FromSeconds(10), (await provider.Keyspace<int, string>("thing").ExplainAsync(1)).Local.FreshFor);
        Assert.Equal(3, provider.Host().Sources["default"].Limits.ConcurrentLoadsMax);
    });

    [Fact]
    public void An_unknown_keyspace_is_told_with_those_that_are_known() => Caches.Run(async caches =>
    {
        var provider = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.Load((key, _) => new("v" + key))).AddKeyspace<int, string>("other", _ => { }));
        Expect.Error(ErrorCode.UnknownKeyspace, () => { _ = provider.Keyspace<int, string>("thng"); }, "'thng'", "thing (Int32, String)", "other", "AddKeyspace");
        Expect.Error(ErrorCode.UnknownKeyspace, () => { _ = provider.Keyspace<long, string>("thing"); }, "IKeyspace<Int64, String>", "correct the name or the types");
        Expect.Error(ErrorCode.AmbiguousKeyspace, () => { _ = provider.GetRequiredService<IKeyspace<int, string>>(); }, "2 keyspaces", "thing, other", "[FromKeyedServices(\"thing\")]");
        Assert.Equal("v1", await provider.GetRequiredKeyedService<IKeyspace<int, string>>("thing").GetAsync(1));
    });

    private static string FaultsOf(Caches caches, Action<MillpondBuilder> declare, params (string Name, string Value)[] settings)
    {
        var provider = caches.Add(declare, configuration: Of(settings));
        return Expect.Error(ErrorCode.InvalidConfiguration, () => { _ = provider.GetRequiredService<ICache>(); }, "cache 'default'").Message;
    }

    private static IConfiguration Of(params (string Name, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(one => KeyValuePair.Create("Millpond:" + one.Name, (string?)one.Value))).Build();
}
