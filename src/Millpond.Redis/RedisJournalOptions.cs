using Millpond.Journals;
using Millpond.Resp;

namespace Millpond.Redis;

/// <summary>Where a keyspace's journal is kept in an engine, and what its acknowledgements survive.</summary>
public sealed record RedisJournalOptions
{
    /// <summary>Where the engine is and how it is spoken to. An append waits for at most <see cref="RespOptions.CommandTimeout"/>. In a cluster a journal lives on one node and its replicas.</summary>
    public required RespOptions Connection { get; init; }

    /// <summary>What the journal is called in the engine: the same in every process of the keyspace, and of that keyspace alone. 1 to 200 characters.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// What an acknowledgement must survive; required, because only you know what the writes are worth. <see cref="JournalSurvival.ProcessDeath"/>: this process's end, and no end of the engine's.
    /// <see cref="JournalSurvival.PowerLoss"/>: also the end of the engine and of its machine's power; needs <c>appendonly yes</c>, and <c>appendfsync always</c> or an engine that knows WAITAOF (Redis and Valkey 7.2).
    /// <see cref="JournalSurvival.MachineLoss"/>: also the loss of the primary; <see cref="Replicas"/> have the write before it is acknowledged. An engine that is not set up for it is refused (MP1408).
    /// </summary>
    public required JournalSurvival Survives { get; init; }

    /// <summary>How many replicas must have a write before it is acknowledged, with <see cref="JournalSurvival.MachineLoss"/>. Default 1; 1 to 10.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>After how long without a sign of life another instance may flush. Default 10 s; 1 s to 5 min.</summary>
    public TimeSpan LeadTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// What is kept of records that are settled, in a stream of the same slot: in the engine's memory, replicas included. Each settled record costs a write more of the engine. Where its memory is full, appends take the place of the oldest. Default: nothing is kept.
    /// </summary>
    public TrailOptions? Trail { get; init; }

    internal bool Asks(JournalSurvival survival) => (Survives & survival) != 0;

    internal RedisJournalOptions Checked()
    {
        LeasedJournalRules.Check(
            "on Redis",
            Survives,
            LeadTime,
            Trail,
            (Name is { Length: >= 1 and <= 200 }, $"{nameof(Name)} is '{Name}', it must have 1 to 200 characters"),
            (Replicas is >= 1 and <= 10, $"{nameof(Replicas)} is {Replicas}, it must be 1 to 10"),
            (Replicas == 1 || Asks(JournalSurvival.MachineLoss), $"{nameof(Replicas)} is {Replicas} and nothing waits for them, since {nameof(Survives)} does not say {nameof(JournalSurvival.MachineLoss)}"));
        return this;
    }
}
