namespace Millpond.Shared;

/// <summary>What a change makes stale.</summary>
public enum ChangeKind
{
    /// <summary>One key.</summary>
    Key,

    /// <summary>Every entry that carries a scope: a tag or a tenant.</summary>
    Scope,

    /// <summary>Every entry of the keyspace.</summary>
    Keyspace,
}

/// <summary>What becomes of a value whose key changed.</summary>
public enum AfterInvalidation
{
    /// <summary>It is gone: the next reader waits for a load.</summary>
    Gone,

    /// <summary>It stays as a stale value, served within the keyspace's stale window while one lease holder reloads it.
    /// Callers who cannot accept that pass a maximum staleness of zero.</summary>
    Stale,
}

/// <summary>The fact that a key, a scope or a keyspace is stale as of now.</summary>
/// <param name="Kind">What the name means.</param>
/// <param name="Name">The key's text, the scope in the form of <see cref="Scope"/>, or empty for a keyspace.</param>
/// <param name="After">What becomes of the value; only for keys.</param>
public readonly record struct Change(ChangeKind Kind, string Name, AfterInvalidation After = AfterInvalidation.Gone)
{
    /// <summary>A change of one key.</summary>
    /// <param name="text">The key's text.</param>
    /// <param name="after">What becomes of its value.</param>
    public static Change OfKey(string text, AfterInvalidation after = AfterInvalidation.Gone) => new(ChangeKind.Key, text, after);

    /// <summary>A change of everything that carries a scope.</summary>
    /// <param name="scope">In the form that <see cref="Millpond.Shared.Scope"/> gives.</param>
    public static Change OfScope(string scope) => new(ChangeKind.Scope, scope);

    /// <summary>A change of the whole keyspace.</summary>
    public static Change OfKeyspace() => new(ChangeKind.Keyspace, "");
}

/// <summary>A change with the number that its partition gave it.</summary>
/// <param name="Sequence">One more than the change before.</param>
/// <param name="Change">What changed.</param>
public readonly record struct SequencedChange(long Sequence, Change Change);
