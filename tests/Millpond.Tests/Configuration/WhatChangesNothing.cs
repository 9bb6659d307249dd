using Microsoft.Extensions.DependencyInjection;

namespace Millpond.Tests.Configuration;

/// <summary>A setting that would change nothing is a fault, not a surprise.</summary>
public sealed class WhatChangesNothing
{
    [Fact]
    public void A_key_text_for_a_tenant_keyspace_is_a_fault() => Assert.Contains(
        "keyspace 'flag' has tenants and declares a KeyText",
        Fault(m => m.AddTenantKeyspace<string, string>("flag", k => k.KeyText(key => key.Key, text => new("", text)))));

    [Fact]
    public void More_tags_than_a_record_has_room_for_are_a_fault() => Assert.Contains(
        "TagsMax is 256; it must be from 0 to 255",
        Fault(m => m.AddKeyspace<int, string>("thing", k => k.Limits(l => l.TagsMax = 256))));

    [Theory]
    [InlineData(8, 0.5, 10, "HotKeys:TrackedKeysMax is 8; it must be from 16 to 4096")]
    [InlineData(128, 0.01, 10, "HotKeys:ShareMin is 0.01; it must be from 0.02 to 1")]
    [InlineData(16, 0.05, 10, "HotKeys: 16 counters (TrackedKeysMax) cannot tell a share of 0.05 (ShareMin) from none. Set TrackedKeysMax to 40 or more")]
    [InlineData(128, 0.05, 0, "HotKeys:HoldTime is 00:00:00; it must be from 00:00:01")]
    public void Hot_keys_that_could_not_be_told_are_a_fault(int tracked, double share, int holdSeconds, string fault) => Assert.Contains(
        fault,
        Fault(m => m.Configure(o => (o.HotKeys.TrackedKeysMax, o.HotKeys.ShareMin, o.HotKeys.HoldTime) = (tracked, share, TimeSpan.FromSeconds(holdSeconds)))));

    [Fact]
    public void A_fleet_that_is_told_all_the_time_is_a_fault() => Assert.Contains(
        "HotKeys:FleetPeriod is 00:00:00.1000000; it must be from 00:00:00.5000000 to 00:01:00",
        Fault(m => m.Configure(o => o.HotKeys.FleetPeriod = TimeSpan.FromMilliseconds(100))));

    private static string Fault(Action<MillpondBuilder> declare)
    {
        var services = new ServiceCollection();
        services.AddMillpond(declare);
        using var provider = services.BuildServiceProvider();
        var fault = Assert.Throws<MillpondException>(() => provider.GetRequiredService<ICache>());
        Assert.Equal(ErrorCode.InvalidConfiguration, fault.Code);
        return fault.Message;
    }
}
