namespace Millpond.Shared;

/// <summary>What a record in the shared tier says of its key.</summary>
public enum RecordKind
{
    /// <summary>The payload is the value.</summary>
    Value,

    /// <summary>The source was asked and has no such row; the payload is empty.</summary>
    Negative,
}

/// <summary>
/// The value half of a record: what a fill stores and a read returns. All times are spans, never points in time, because no two machines'
/// clocks are compared (rule 10): the engine measures how long a record has been there and says so with each reply.
/// </summary>
public sealed class SharedRecord
{
    /// <summary>Value or negative.</summary>
    public required RecordKind Kind { get; init; }

    /// <summary>The encoded value. Valid until <see cref="Owner"/> is disposed.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Names the encoding of the payload; a reader with another codec treats the record as absent.</summary>
    public uint Codec { get; init; }

    /// <summary>How old the value already was when it was sent: the time since its load began. The engine adds what it spent on the way.</summary>
    public TimeSpan AgeAtFill { get; init; }

    /// <summary>From the beginning of the load: how long the value counts as fresh.</summary>
    public required TimeSpan TimeToLive { get; init; }

    /// <summary>From the beginning of the load: when the engine drops the record, whatever else happens (rule 11).</summary>
    public required TimeSpan HardTimeToLive { get; init; }

    /// <summary>If above zero, the record also goes after this long without a read; each read starts it anew.</summary>
    public TimeSpan Sliding { get; init; }

    /// <summary>How long the load took; early refresh is steered by it.</summary>
    public TimeSpan LoadTime { get; init; }

    /// <summary>The partition's sequence as its loader saw it before the load. The engine stores it unchanged.</summary>
    public required long Stamp { get; init; }

    /// <summary>The incarnation that the stamp belongs to.</summary>
    public required Incarnation Incarnation { get; init; }

    /// <summary>Tags, and the tenant in the form that <see cref="Scope"/> gives it. Empty for most.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The source's own name for this state of the value (an ETag, a row version); null if it gave none.</summary>
    public string? SourceVersion { get; init; }

    /// <summary>The nonce under which the value was stored; two records with the same one are the same fill.</summary>
    public Nonce FilledUnder { get; init; }

    /// <summary>What must be disposed when the payload has been read; null where the payload needs no return.</summary>
    public IDisposable? Owner { get; init; }
}
