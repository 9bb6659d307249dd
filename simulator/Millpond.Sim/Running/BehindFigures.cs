namespace Millpond.Sim.Running;

/// <summary>What a run of write-behind came to.</summary>
internal sealed record BehindFigures
{
    /// <summary>Writes and increments that were acknowledged.</summary>
    public required long Acknowledged { get; init; }

    /// <summary>Certainly not taken.</summary>
    public required long Refused { get; init; }

    /// <summary>Of which their callers do not know; those of processes that died are not among them.</summary>
    public required long Unknown { get; init; }

    public required long Buried { get; init; }

    public required long Retried { get; init; }

    public required long Discarded { get; init; }

    /// <summary>Records that a journal which declares no more did not have any more when it came back.</summary>
    public required long Lost { get; init; }

    public required long Batches { get; init; }

    /// <summary>Batches and leads that the ledger turned away.</summary>
    public required long Fenced { get; init; }

    public required long BatchesRefused { get; init; }

    public required long Killed { get; init; }

    public required long Stopped { get; init; }
}
