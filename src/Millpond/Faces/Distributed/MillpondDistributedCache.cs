using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using Millpond.Keyspaces;

namespace Millpond.Faces.Distributed;

/// <summary>
/// IDistributedCache over a keyspace of bytes. What comes in is copied, because the caller may use its array again; what goes out is a copy, because the entry
/// is shared.
/// </summary>
/// <remarks>
/// The synchronous methods complete on the caller's thread where both tiers are in this process. Where the shared tier is across a network, a call that has to ask it
/// blocks its thread until it answers: prefer the asynchronous ones.
/// </remarks>
internal sealed class MillpondDistributedCache(Keyspace<string, byte[]> keyspace) : IBufferDistributedCache
{
    public byte[]? Get(string key) => Wait(GetAsync(key));

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        await ReadAsync(key, token).ConfigureAwait(false) is { } held ? held.AsSpan().ToArray() : null;

    public bool TryGet(string key, IBufferWriter<byte> destination) => Wait(TryGetAsync(key, destination).AsTask());

    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (await ReadAsync(key, token).ConfigureAwait(false) is not { } held)
        {
            return false;
        }

        destination.Write(held);
        return true;
    }

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => Wait(SetAsync(key, value, options));

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(value);
        return StoreAsync(key, value.AsSpan().ToArray(), options, token).AsTask();
    }

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) => Wait(SetAsync(key, value, options).AsTask());

    public ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        StoreAsync(key, value.ToArray(), options, token);

    public void Refresh(string key) => Wait(RefreshAsync(key));

    /// <summary>A read starts a sliding time anew, whoever wants the value.</summary>
    public Task RefreshAsync(string key, CancellationToken token = default) => ReadAsync(key, token).AsTask();

    public void Remove(string key) => Wait(RemoveAsync(key));

    public Task RemoveAsync(string key, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return keyspace.InvalidateAsync(key, token).AsTask();
    }

    private static void Wait(Task task) => task.GetAwaiter().GetResult();

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private ValueTask<byte[]?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        return keyspace.GetAsync(key, cancellationToken);
    }

    private ValueTask StoreAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        return keyspace.SetAsync(key, value, DistributedTimes.EntryOf(options, keyspace.Core.Surroundings.Time), cancellationToken);
    }
}
