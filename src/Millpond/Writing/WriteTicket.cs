namespace Millpond;

/// <summary>
/// The right to say what a key's value is after a write of its source. Taken before the commit with
/// <see cref="IKeyspace{TKey, TValue}.BeginWriteAsync"/>. Disposing it without setting a value invalidates the key, which is always right: after a commit, a
/// rollback, or a commit whose outcome is unknown.
/// </summary>
/// <typeparam name="TValue">The keyspace's value type.</typeparam>
public abstract class WriteTicket<TValue> : IAsyncDisposable
{
    private int _used;

    private protected WriteTicket()
    {
    }

    /// <summary>
    /// Stores the value that was committed. If another write or change of the key came in between, or the ticket outlived its lease, the key is
    /// invalidated instead.
    /// </summary>
    /// <param name="value">The value as committed; not null.</param>
    /// <param name="options">What this entry has other than the keyspace.</param>
    /// <param name="cancellationToken">Ends this caller's wait; the store goes on.</param>
    /// <returns>Whether the value was stored.</returns>
    /// <exception cref="InvalidOperationException">The ticket was used or disposed before.</exception>
    /// <exception cref="MillpondException">MP1201: over the value limit; the key is then invalidated.</exception>
    public ValueTask<bool> SetAsync(TValue value, EntryOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(value);
        Use();
        return StoreAsync(value, options, cancellationToken);
    }

    /// <summary>Invalidates the key unless a value was set.</summary>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Interlocked.Exchange(ref _used, 1) == 0 ? GiveUpAsync() : ValueTask.CompletedTask;
    }

    /// <summary>Gives the ticket back where certainly nothing was written: what is cached stays as it is. Where that is not certain, dispose the ticket instead.</summary>
    /// <exception cref="InvalidOperationException">The ticket was used or disposed before.</exception>
    public ValueTask ReleaseAsync()
    {
        Use();
        return LetGoAsync();
    }

    private void Use()
    {
        if (Interlocked.Exchange(ref _used, 1) != 0)
        {
            throw new InvalidOperationException("This write ticket was used or disposed before. Take one ticket for each write, before its commit.");
        }
    }

    private protected abstract ValueTask<bool> StoreAsync(TValue value, EntryOptions? options, CancellationToken cancellationToken);

    private protected abstract ValueTask GiveUpAsync();

    private protected abstract ValueTask LetGoAsync();
}
