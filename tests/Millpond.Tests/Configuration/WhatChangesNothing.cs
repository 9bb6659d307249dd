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
