namespace Millpond;

/// <summary>What a caller wants done to a key's source.</summary>
public enum WriteKind
{
    /// <summary>That it holds the value.</summary>
    Set,

    /// <summary>That it holds nothing for the key.</summary>
    Delete,
}

/// <summary>What a writer is told.</summary>
/// <typeparam name="TKey">The keyspace's key type.</typeparam>
/// <typeparam name="TValue">The keyspace's value type.</typeparam>
public readonly record struct WriteContext<TKey, TValue>
{
    /// <summary>What to write.</summary>
    public required TKey Key { get; init; }

    /// <summary>Set or delete.</summary>
    public required WriteKind Kind { get; init; }

    /// <summary>The value to set; default for a delete.</summary>
    public TValue? Value { get; init; }
}

/// <summary>
/// Writes one key to the source. When it returns, what it wrote is committed. When it throws, nobody knows: the commit may have arrived, or may still arrive.
/// </summary>
/// <typeparam name="TKey">The keyspace's key type.</typeparam>
/// <typeparam name="TValue">The keyspace's value type.</typeparam>
/// <param name="context">The key, and what to write.</param>
/// <param name="cancellationToken">Cancelled when the write's time is over, when its caller is cancelled, and when the cache is disposed.</param>
public delegate ValueTask<WriteResult<TValue>> Writer<TKey, TValue>(WriteContext<TKey, TValue> context, CancellationToken cancellationToken);

/// <summary>What became of a write.</summary>
public enum WriteResultKind
{
    /// <summary>Certainly nothing: it was refused, or lost against another one. What is cached stays.</summary>
    NotWritten,

    /// <summary>It is committed in the source.</summary>
    Written,

    /// <summary>It is in the keyspace's journal, readers see it, and it will be in the source.</summary>
    Journaled,
}

/// <summary>A writer's answer, and what its caller is told.</summary>
/// <typeparam name="TValue">The keyspace's value type.</typeparam>
public readonly record struct WriteResult<TValue>
{
    /// <summary>Written or not.</summary>
    public WriteResultKind Kind { get; init; }

    /// <summary>The value as the source holds it now, which may have more than was sent (a number it gave, a version); default after a delete and where nothing was written.</summary>
    public TValue? Value { get; init; }
}

/// <summary>Makes <see cref="WriteResult{TValue}"/>s.</summary>
public static class WriteResult
{
    /// <summary>Committed.</summary>
    /// <typeparam name="TValue">The keyspace's value type.</typeparam>
    /// <param name="value">The value as the source holds it now; null after a delete, or where the next read should find out.</param>
    public static WriteResult<TValue> Written<TValue>(TValue? value) => new() { Kind = WriteResultKind.Written, Value = value };

    /// <summary>Acknowledged by the journal.</summary>
    internal static WriteResult<TValue> Journaled<TValue>(TValue? value) => new() { Kind = WriteResultKind.Journaled, Value = value };

    /// <summary>Nothing was written, for certain.</summary>
    /// <typeparam name="TValue">The keyspace's value type.</typeparam>
    public static WriteResult<TValue> NotWritten<TValue>() => new() { Kind = WriteResultKind.NotWritten };
}
