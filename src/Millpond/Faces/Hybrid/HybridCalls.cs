using Microsoft.Extensions.Caching.Hybrid;
using Millpond.Keys;
using Millpond.Reading;

namespace Millpond.Faces.Hybrid;

/// <summary>What the options and tags of a call of HybridCache mean here.</summary>
internal sealed class HybridCalls(HybridCacheEntryOptions? defaults, PayloadForm form)
{
    /// <summary>The tag that stands for every entry when removing, and so names none.</summary>
    public const string Everything = "*";

    private readonly HybridCacheEntryFlags _flags = defaults?.Flags ?? HybridCacheEntryFlags.None;
    private readonly EntryOptions _plain = new()
    {
        TimeToLive = defaults?.Expiration,
        LocalTimeToLive = defaults?.LocalCacheExpiration,
        Use = UseOf(defaults?.Flags ?? HybridCacheEntryFlags.None),
    };

    /// <summary>Whether the local tier may answer; asked before anything else, by every hit.</summary>
    public bool ReadsLocal(HybridCacheEntryOptions? options) => ((options?.Flags ?? _flags) & HybridCacheEntryFlags.DisableLocalCacheRead) == 0;

    /// <summary>Whether every tier and the source may be used, so that what a flight brings for others will do.</summary>
    public bool UsesAll(HybridCacheEntryOptions? options) => ((options?.Flags ?? _flags) & ~HybridCacheEntryFlags.DisableCompression) == 0;

    public PayloadForm FormOf(HybridCacheEntryOptions? options) =>
        ((options?.Flags ?? _flags) & HybridCacheEntryFlags.DisableCompression) == 0 ? form : PayloadForm.Plain;

    /// <summary>What the call wants of its entry. A tag that is none is told here, before anything was loaded.</summary>
    public EntryOptions EntryOf(HybridCacheEntryOptions? options, IEnumerable<string>? tags)
    {
        string[]? checkedTags = tags is null ? null : [.. tags.Select(Checked)];
        if (options is null)
        {
            return checkedTags is null ? _plain : _plain with { Tags = checkedTags };
        }

        return new EntryOptions
        {
            TimeToLive = options.Expiration ?? defaults?.Expiration,

            // A call that names only how long the entry lives means this process too.
            LocalTimeToLive = options.LocalCacheExpiration ?? (options.Expiration is null ? defaults?.LocalCacheExpiration : null),
            Tags = checkedTags,
            Use = UseOf(options.Flags ?? _flags),
        };
    }

    private static TierUse UseOf(HybridCacheEntryFlags flags)
    {
        var use = TierUse.All;
        use &= flags.HasFlag(HybridCacheEntryFlags.DisableLocalCacheRead) ? ~TierUse.LocalRead : TierUse.All;
        use &= flags.HasFlag(HybridCacheEntryFlags.DisableLocalCacheWrite) ? ~TierUse.LocalWrite : TierUse.All;
        use &= flags.HasFlag(HybridCacheEntryFlags.DisableDistributedCacheRead) ? ~TierUse.SharedRead : TierUse.All;
        use &= flags.HasFlag(HybridCacheEntryFlags.DisableDistributedCacheWrite) ? ~TierUse.SharedWrite : TierUse.All;
        use &= flags.HasFlag(HybridCacheEntryFlags.DisableUnderlyingData) ? ~TierUse.Source : TierUse.All;
        return use;
    }

    private static string Checked(string tag)
    {
        if (tag == Everything)
        {
            throw new ArgumentException("The tag '*' means every entry when removing, so no entry can carry it. Choose another tag.", nameof(tag));
        }

        KeyRules.CheckTag(tag, HybridFace.Name);
        return tag;
    }
}
