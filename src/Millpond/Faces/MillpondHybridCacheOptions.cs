using Microsoft.Extensions.Caching.Hybrid;
using Millpond.Faces.Hybrid;

namespace Millpond;

/// <summary>
/// How HybridCache behaves over Millpond. What has the name of an option of Microsoft's implementation means the same. Configuration
/// (<c>Millpond:Keyspaces:hybrid</c>) overrides the policy and the limits.
/// </summary>
public sealed class MillpondHybridCacheOptions
{
    private readonly KeyspaceDeclared<string, HybridValue> _declared;

    internal MillpondHybridCacheOptions(KeyspaceDeclared<string, HybridValue> declared) => _declared = declared;

    /// <summary>What a call has that says nothing else. Default: none; then entries are fresh for the policy's time to live, 5 minutes.</summary>
    public HybridCacheEntryOptions? DefaultEntryOptions { get; set; }

    /// <summary>The largest value in bytes, serialized. A larger one is returned and not stored. Default 1 MiB; at most 512 MiB.</summary>
    public long MaximumPayloadBytes { get; set; } = 1 << 20;

    /// <summary>The longest key, in bytes of its text in UTF-8. For a longer one the factory is called each time. Default 1,024; at most 65,536.</summary>
    public int MaximumKeyLength { get; set; } = 1024;

    /// <summary>Compresses payloads larger than this many bytes on their way to the shared tier. Default: never.</summary>
    public int? CompressAbove { get; set; }

    /// <summary>Turns <see cref="CompressAbove"/> off. Default false.</summary>
    public bool DisableCompression { get; set; }

    /// <summary>How entries live and are renewed: stale values, refreshing ahead, time-outs. A load that no caller waits for any more is cancelled unless it
    /// says otherwise.</summary>
    public KeyspacePolicy Policy => _declared.Policy;

    internal int? Compression => DisableCompression ? null : CompressAbove;

    internal void ApplyTo()
    {
        _declared.Limits.KeyBytesMax = MaximumKeyLength;

        // Out of range it is one of the faults told at start-up, whatever it is cut to.
        _declared.Limits.ValueBytesMax = (int)Math.Clamp(MaximumPayloadBytes, 0, int.MaxValue);
        _declared.CompressAbove = CompressAbove;
    }
}
