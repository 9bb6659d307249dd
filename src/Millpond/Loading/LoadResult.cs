namespace Millpond;

/// <summary>What a loader may answer.</summary>
public enum LoadResultKind
{
    /// <summary>The source has no such row.</summary>
    NotFound,

    /// <summary>The source has it.</summary>
    Found,

    /// <summary>The older value, as given in <see cref="LoadContext{TKey, TValue}.Previous"/>, still holds.</summary>
    NotModified,
}

/// <summary>A loader's answer. A plain value converts to it: null is not found, anything else is found.</summary>
/// <typeparam name="TValue">The keyspace's value type.</typeparam>
public readonly record struct LoadResult<TValue>
{
    /// <summary>Found, not found or not modified.</summary>
    public LoadResultKind Kind { get; init; }

    /// <summary>The value, where found.</summary>
    public TValue? Value { get; init; }

    /// <summary>How long this answer is fresh, decided by what was loaded; null for the keyspace's own time. Zero: do not keep it, nor an older value. More than 365 days is
    /// 365 days.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Tags in addition to those the keyspace declares.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>The source's own name for this state (an ETag, a row version), handed to the next load of the key.</summary>
    public string? Version { get; init; }

    /// <summary>Found, or not found where the value is null.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator LoadResult<TValue>(TValue? value) => LoadResult.From(value);
}

/// <summary>Makes <see cref="LoadResult{TValue}"/>s.</summary>
public static class LoadResult
{
    /// <summary>The source has the value.</summary>
    /// <typeparam name="TValue">The keyspace's value type.</typeparam>
    /// <param name="value">The value; not null.</param>
    public static LoadResult<TValue> Found<TValue>(TValue value) => new() { Kind = LoadResultKind.Found, Value = value };

    /// <summary>The source has no such row.</summary>
    /// <typeparam name="TValue">The keyspace's value type.</typeparam>
    public static LoadResult<TValue> NotFound<TValue>() => new() { Kind = LoadResultKind.NotFound };

    /// <summary>The older value still holds. Only where <see cref="LoadContext{TKey, TValue}.HasPrevious"/> is true (MP1305 otherwise).</summary>
    /// <typeparam name="TValue">The keyspace's value type.</typeparam>
    public static LoadResult<TValue> NotModified<TValue>() => new() { Kind = LoadResultKind.NotModified };

    /// <summary>Found, or not found where the value is null.</summary>
    /// <typeparam name="TValue">The keyspace's value type.</typeparam>
    /// <param name="value">The value or null.</param>
    public static LoadResult<TValue> From<TValue>(TValue? value) => value is null ? NotFound<TValue>() : Found(value);
}
