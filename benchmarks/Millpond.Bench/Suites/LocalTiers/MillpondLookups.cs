using Microsoft.Extensions.Caching.Hybrid;
using Millpond.Local;
using Millpond.Runtime;

namespace Millpond.Bench.Suites.LocalTiers;

/// <summary>No look-up but an array's: what each hit of ours pays to know the time.</summary>
internal readonly struct ClockAlone(byte[][] values) : ILookup
{
    public object? Find(int n) => Surroundings.Real.MillisecondsAtMost > 0 ? values[n] : null;
}

internal readonly struct TierByText(LocalTier<string, byte[]> held, string[] asked) : ILookup
{
    public object? Find(int n) => held.TryHit(asked[n], Surroundings.Real.MillisecondsAtMost).Value;
}

internal readonly struct TierBySpan(LocalTier<string, byte[]> held, string[] asked) : ILookup
{
    public object? Find(int n) => held.TryHit(asked[n].AsSpan(), Surroundings.Real.MillisecondsAtMost).Value;
}

internal readonly struct TierByNumber(LocalTier<int, byte[]> held, int[] asked) : ILookup
{
    public object? Find(int n) => held.TryHit(asked[n], Surroundings.Real.MillisecondsAtMost).Value;
}

/// <summary>The keyspace has no loader, so whatever it answers at once it held.</summary>
internal readonly struct KeyspaceByText(IKeyspace<string, byte[]> held, string[] asked) : ILookup
{
    public object? Find(int n) => held.GetAsync(asked[n]) is { IsCompletedSuccessfully: true } read ? read.Result : null;
}

internal readonly struct KeyspaceByNumber(IKeyspace<int, byte[]> held, int[] asked) : ILookup
{
    public object? Find(int n) => held.GetAsync(asked[n]) is { IsCompletedSuccessfully: true } read ? read.Result : null;
}

/// <summary>A read that is no hit would call the factory, and fail.</summary>
internal readonly struct HybridByText(HybridCache held, string[] asked) : ILookup
{
    public object? Find(int n) =>
        held.GetOrCreateAsync(asked[n], static _ => ValueTask.FromException<string>(new InvalidOperationException("This is no hit."))) is { IsCompletedSuccessfully: true } read
            ? read.Result
            : null;
}

internal readonly struct HybridBySpan(HybridCache held, string[] asked) : ILookup
{
    public object? Find(int n) =>
        held.GetOrCreateAsync(asked[n].AsSpan(), static _ => ValueTask.FromException<string>(new InvalidOperationException("This is no hit."))) is { IsCompletedSuccessfully: true } read
            ? read.Result
            : null;
}
