using System.Text.Json.Serialization;

namespace Millpond.AspNetCore.Purging;

/// <summary>A purge as it is sent, with nothing else: a name that is spelled wrong would otherwise not be purged, without a word. Not the purge itself: what the generated reader does not find it would set to null there.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed class PurgeAsk
{
    [JsonRequired]
    public string Keyspace { get; set; } = "";

    public string? Tenant { get; set; }

    public IReadOnlyList<string> Keys { get; set; } = [];

    public IReadOnlyList<string> Tags { get; set; } = [];

    public bool All { get; set; }

    public Purge ToPurge() => new() { Keyspace = Keyspace, Tenant = Tenant, Keys = Keys, Tags = Tags, All = All };
}
