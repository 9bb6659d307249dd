namespace Millpond;

/// <summary>What somebody outside, who knows a keyspace by its name and its keys as text, says is stale as of now. Purging the same again costs misses and nothing else.</summary>
public sealed record Purge
{
    /// <summary>The most keys and tags in one purge. Past it, purge a tag or the keyspace, which is one step however many entries that concerns.</summary>
    public const int NamesMax = 10_000;

    /// <summary>The keyspace's name as declared.</summary>
    public required string Keyspace { get; init; }

    /// <summary>Whose keys and tags they are, in a keyspace with tenants; there it may be left out only to purge all of every tenant's. Null where there are no tenants.</summary>
    public string? Tenant { get; init; }

    /// <summary>Keys as text, as tools and dead letters tell them: numbers as digits, strings as they are but for <c>:%{}# </c> and the space, which are <c>%XX</c>, the parts of a record divided by colons. Default: none.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Tags. Default: none.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Whether all of the keyspace is stale, or all of the tenant's. Default: no.</summary>
    public bool All { get; init; }
}

/// <summary>What a purge did.</summary>
public sealed record PurgeResult
{
    /// <summary>How many different keys are stale now.</summary>
    public required int Keys { get; init; }

    /// <summary>How many different tags.</summary>
    public required int Tags { get; init; }

    /// <summary>Whether all of the keyspace, or of the tenant's part of it.</summary>
    public required bool All { get; init; }

    /// <summary>
    /// Whether the shared tier has acknowledged it and told every process. If not, the shared tier could not be reached: this process serves nothing from before any more, and goes on telling the shared tier for as long as it runs; others may serve the old value until
    /// it has, or until its time to live. Purging again until this is true is safe, through any process.
    /// </summary>
    public required bool IsTold { get; init; }
}

/// <summary>A purge was refused, and nothing of it was done.</summary>
public sealed class PurgeException : MillpondException
{
    /// <summary>Creates an error.</summary>
    /// <param name="message">What cannot be read, and what to name instead; without keys.</param>
    public PurgeException(string message)
        : base(ErrorCode.PurgeUnreadable, message)
    {
    }

    /// <summary>The texts that are no keys of the keyspace, in the order of the purge. Whoever sent them may be shown them.</summary>
    public IReadOnlyList<string> UnreadableKeys { get; init; } = [];
}
