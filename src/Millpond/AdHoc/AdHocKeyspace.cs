using Millpond.Keyspaces;
using Millpond.Local;
using Millpond.Reading;
using Millpond.Serialization;

namespace Millpond.AdHoc;

/// <summary>The keyspace for ad-hoc use: string keys, values of any type, loaders brought by the callers.</summary>
internal sealed class AdHocKeyspace(Keyspace<string, object> keyspace)
{
    public const string Name = "adhoc";

    private readonly AdHocRecordCodec _codecs = (AdHocRecordCodec)(object)keyspace.Core.Parts.Codec;

    public Keyspace<string, object> Keyspace => keyspace;

    public ValueTask<T?> GetOrLoadAsync<TState, T>(
        string key, TState state, Func<TState, CancellationToken, ValueTask<T?>> loader, EntryOptions? options, CancellationToken cancellationToken)
    {
        Know<T>();
        if (keyspace.TryHit(key) is { Flags: not SlotFlags.None } hit)
        {
            return new(As<T>(hit.Value));
        }

        return keyspace.TryJoin<T, Typed<T>>(key, cancellationToken, out var wait) ? wait : AsAsync<T>(keyspace.GetOrLoadAsync(key, LoaderOf(state, loader), options, cancellationToken));
    }

    public ValueTask<T?> GetAsync<T>(string key, CancellationToken cancellationToken)
    {
        Know<T>();
        return AsAsync<T>(keyspace.GetAsync(key, cancellationToken));
    }

    public ValueTask SetAsync<T>(string key, T value, EntryOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(value);
        Know<T>();
        return keyspace.SetAsync(key, value, options, cancellationToken);
    }

    /// <summary>Where nothing is encoded a value may be of a type that nothing could encode.</summary>
    private void Know<T>()
    {
        if (keyspace.Core.Tier.Capabilities.HoldsValues)
        {
            _codecs.Know<T>();
        }
    }

    private static Loader<string, object> LoaderOf<TState, T>(TState state, Func<TState, CancellationToken, ValueTask<T?>> loader) =>
        async (_, token) => LoadResult.From<object>(await loader(state, token).ConfigureAwait(false));

    private static ValueTask<T?> AsAsync<T>(ValueTask<object?> found)
    {
        return found.IsCompletedSuccessfully ? new(As<T>(found.Result)) : AwaitedAsync(found);

        static async ValueTask<T?> AwaitedAsync(ValueTask<object?> found) => As<T>(await found.ConfigureAwait(false));
    }

    private static T? As<T>(object? value) => value switch
    {
        null => default,
        T typed => typed,
        _ => throw new MillpondException(
            ErrorCode.ValueType,
            $"A key of keyspace '{Name}' holds a {value.GetType().Name} and was asked for as a {typeof(T).Name}. Use one type for each key, "
            + "or declare a keyspace for each type.")
        {
            Keyspace = Name,
        },
    };

    /// <summary>As what a caller asked for.</summary>
    private readonly struct Typed<T> : IAnswerShape<object, T>
    {
        public static T? Of(object? value) => As<T>(value);
    }
}
