using Microsoft.Extensions.DependencyInjection;
using Millpond.Keyspaces;
using Millpond.Loading;
using Millpond.Overload;

namespace Millpond.WarmingUp;

/// <summary>Where a warm-up has keys from.</summary>
internal abstract class KeySource<TKey>(string name)
{
    /// <summary>For people.</summary>
    public string Name => name;

    /// <summary>Its keys, the most wanted first, no more than are wanted. May throw whatever it likes.</summary>
    public abstract ValueTask<IReadOnlyList<TKey>> GatherAsync(int keysMax, CancellationToken cancellationToken);
}

/// <summary>What sources of keys are made with.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="Services">The program's services.</param>
/// <param name="Source">The guard of the keyspace's source.</param>
/// <param name="Naming">Between keys and their texts.</param>
/// <param name="LastRun">What the last run left behind; null where nothing is remembered.</param>
internal sealed record KeySourceParts<TKey>(string Keyspace, IServiceProvider Services, SourceGuard Source, KeyNaming<TKey> Naming, KeyFile? LastRun)
    where TKey : notnull;

/// <summary>Keys that the program names.</summary>
internal sealed class ListedKeys<TKey>(IEnumerable<TKey> keys) : KeySource<TKey>("a list")
{
    public override ValueTask<IReadOnlyList<TKey>> GatherAsync(int keysMax, CancellationToken cancellationToken) => new([.. keys.Take(keysMax)]);
}

/// <summary>
/// Keys that a query brings. They are gathered before the first of them is read, because the query has a place at the source meanwhile, and what it would have to wait for might be that place.
/// </summary>
internal sealed class QueriedKeys<TKey>(KeySourceParts<TKey> parts, Func<IServiceProvider, CancellationToken, IAsyncEnumerable<TKey>> query) : KeySource<TKey>("a query")
    where TKey : notnull
{
    public override async ValueTask<IReadOnlyList<TKey>> GatherAsync(int keysMax, CancellationToken cancellationToken)
    {
        // As many keys as it may bring, so that how long it takes is compared with no other load's time.
        var place = await parts.Source.EnterAsync(new PlaceAsk(parts.Keyspace, null, LoadPriority.WarmUp, keysMax), cancellationToken).ConfigureAwait(false);
        if (place.Refusal is { } refusal)
        {
            throw refusal.Failure;
        }

        var end = CallEnd.Failed;
        try
        {
            var keys = await RunAsync(keysMax, cancellationToken).ConfigureAwait(false);
            end = CallEnd.Succeeded;
            return keys;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            end = CallEnd.Unknown;
            throw;
        }
        finally
        {
            parts.Source.Leave(place, end);
        }
    }

    private async ValueTask<IReadOnlyList<TKey>> RunAsync(int keysMax, CancellationToken cancellationToken)
    {
        // What the query reads through the cache is lent its place.
        var load = new QueryScope(parts.Source);
        load.Enter();
        var scope = parts.Services.CreateAsyncScope();
        await using var ended = scope.ConfigureAwait(false);
        var keys = new List<TKey>();
        try
        {
            await foreach (var key in query(scope.ServiceProvider, cancellationToken).WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                keys.Add(key);
                if (keys.Count >= keysMax)
                {
                    break;
                }
            }
        }
        finally
        {
            load.HasEnded = true;
        }

        return keys;
    }

    private sealed class QueryScope(SourceGuard source) : LoadScope(source)
    {
        public bool HasEnded { get; set; }

        public override bool IsUnderWay => !HasEnded;

        protected override bool Loads(object keyspace, object key) => false;
    }
}

/// <summary>Keys that the last run left behind. Texts that are no key's by now are passed over: the key's type may be another one.</summary>
internal sealed class RememberedKeys<TKey>(KeySourceParts<TKey> parts, Func<KeysOfRun, IReadOnlyList<string>> part) : KeySource<TKey>("the last run")
    where TKey : notnull
{
    public override ValueTask<IReadOnlyList<TKey>> GatherAsync(int keysMax, CancellationToken cancellationToken)
    {
        var keys = new List<TKey>();
        foreach (var text in parts.LastRun?.Read() is { } run ? part(run) : [])
        {
            if (keys.Count >= keysMax)
            {
                break;
            }

            if (parts.Naming.TryRead(text, out var key))
            {
                keys.Add(key);
            }
        }

        return new(keys);
    }
}
