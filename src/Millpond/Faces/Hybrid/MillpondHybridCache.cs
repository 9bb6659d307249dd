using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Caching.Hybrid;
using Millpond.Events;
using Millpond.Keyspaces;
using Millpond.Local;
using Millpond.Reading;

namespace Millpond.Faces.Hybrid;

/// <summary>
/// HybridCache over a keyspace. A hit costs what a hit of any keyspace costs, and for a key given as characters no string is built. What is not a hit goes down
/// the same roads as everything else.
/// </summary>
/// <remarks>
/// Two things are other than at a keyspace's own door, because code written for HybridCache counts on them: what a factory throws arrives as it was thrown, and
/// a key that no tier can hold is no error, but a call of the factory that is not cached.
/// </remarks>
internal sealed class MillpondHybridCache(Keyspace<string, HybridValue> keyspace, HybridCalls calls) : HybridCache
{
    private readonly HybridRecordCodec _types = (HybridRecordCodec)keyspace.Core.Parts.Codec;

    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        cancellationToken.ThrowIfCancellationRequested();
        return calls.ReadsLocal(options) && keyspace.TryHit(key) is { Flags: not SlotFlags.None } hit
            ? new(ValueOf<T>(hit.Value))
            : JoinOrMiss(key, state, factory, options, tags, cancellationToken);
    }

    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factory);
        cancellationToken.ThrowIfCancellationRequested();
        return calls.ReadsLocal(options) && keyspace.TryHit(key) is { Flags: not SlotFlags.None } hit
            ? new(ValueOf<T>(hit.Value))
            : JoinOrMiss(key.ToString(), state, factory, options, tags, cancellationToken);
    }

    public override async ValueTask SetAsync<T>(
        string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        var entry = calls.EntryOf(options, tags);
        if (!IsCacheable(key))
        {
            return;
        }

        if (value is null)
        {
            // No tier holds a null that was set, and the value before it must not stay.
            await keyspace.InvalidateAsync(key, cancellationToken).ConfigureAwait(false);
            return;
        }

        try
        {
            await keyspace.SetAsync(key, _types.Know<T>().Hold(value, calls.FormOf(options)), entry, cancellationToken).ConfigureAwait(false);
        }
        catch (MillpondException tooLarge) when (tooLarge.Code == ErrorCode.ValueSize)
        {
            keyspace.Core.Listener.On(new ValueNotStored(keyspace.Name, tooLarge));
            await keyspace.InvalidateAsync(key, cancellationToken).ConfigureAwait(false);
        }
    }

    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return IsCacheable(key) ? keyspace.InvalidateAsync(key, cancellationToken) : ValueTask.CompletedTask;
    }

    public override ValueTask RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default) =>
        keyspace.InvalidateManyAsync([.. (keys ?? []).Where(IsCacheable)], cancellationToken);

    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) =>
        tag == HybridCalls.Everything ? keyspace.InvalidateAllAsync(cancellationToken) : keyspace.InvalidateTagAsync(tag, cancellationToken);

    /// <summary>Joins a load that is under way, where that is all there is to do; everything else is a miss, and checks what was given to it.</summary>
    private ValueTask<T> JoinOrMiss<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options,
        IEnumerable<string>? tags,
        CancellationToken cancellationToken)
    {
        if (tags is null && calls.UsesAll(options))
        {
            _types.Know<T>();
            if (keyspace.TryJoin<T, Unwrapped<T>>(key, cancellationToken, out var wait))
            {
                return wait!;
            }
        }

        return MissAsync(key, state, factory, options, tags, cancellationToken);
    }

    private async ValueTask<T> MissAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options,
        IEnumerable<string>? tags,
        CancellationToken cancellationToken)
    {
        var entry = calls.EntryOf(options, tags);
        if (!IsCacheable(key))
        {
            return entry.Use.HasFlag(TierUse.Source) ? await factory(state, cancellationToken).ConfigureAwait(false) : default!;
        }

        var type = _types.Know<T>();
        var form = calls.FormOf(options);
        try
        {
            var held = await keyspace.GetOrLoadAsync(key, LoadAsync, entry, cancellationToken).ConfigureAwait(false);
            return ValueOf<T>(held);
        }
        catch (MillpondException failure) when (!ReferenceEquals(ThrownBehind(failure), failure))
        {
            ExceptionDispatchInfo.Throw(ThrownBehind(failure));
            throw;
        }

        async ValueTask<LoadResult<HybridValue>> LoadAsync(LoadContext<string, HybridValue> context, CancellationToken token) =>
            await factory(state, token).ConfigureAwait(false) is { } loaded ? LoadResult.Found<HybridValue>(type.Hold(loaded, form)) : LoadResult.NotFound<HybridValue>();
    }

    private bool IsCacheable(string key)
    {
        try
        {
            _ = keyspace.Core.NameOf(key);
            return true;
        }
        catch (MillpondException fault)
        {
            keyspace.Core.Listener.On(new ValueNotStored(keyspace.Name, fault));
            return false;
        }
    }

    /// <summary>What the factory threw.</summary>
    private static Exception ThrownBehind(Exception failure) =>
        failure is MillpondException { Code: ErrorCode.LoadFailed, InnerException: { } thrown, Keyspace: HybridFace.Name } ? thrown : failure;

    private static T ValueOf<T>(HybridValue? held) => held switch
    {
        // The exact type first, which is a comparison where its base would be a walk.
        SharedValue<T> shared => shared.Value,
        null => default!,
        HybridValue<T> value => value.Get(),
        _ => throw new MillpondException(
            ErrorCode.ValueType,
            $"A key of keyspace '{HybridFace.Name}' holds a {held.GetType().GenericTypeArguments[0].Name} and was asked for as a {typeof(T).Name}. "
            + "Use one type for each key, or make the type part of the key.")
        {
            Keyspace = HybridFace.Name,
        },
    };

    /// <summary>As code written for HybridCache expects it.</summary>
    private readonly struct Unwrapped<T> : IAnswerShape<HybridValue, T>
    {
        public static bool IsForAll => ImmutableType<T>.IsKnown;

        public static T? Of(HybridValue? value) => ValueOf<T>(value);

        public static Exception Of(Exception failure) => ThrownBehind(failure);
    }
}
