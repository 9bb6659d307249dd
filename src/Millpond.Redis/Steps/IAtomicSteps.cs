using Millpond.Redis.Layout;
using Millpond.Redis.Requests;
using Millpond.Shared;

namespace Millpond.Redis.Steps;

/// <summary>
/// The operations of the contract that read, decide and write: each is one step of the engine, whatever makes it one. Throws what the client throws.
/// </summary>
internal interface IAtomicSteps
{
    /// <summary>What makes the steps whole, for people.</summary>
    string Name { get; }

    ValueTask<(StepReply Step, RecordReply[] Records)> ReadAsync(PartitionKeys partition, IReadOnlyList<string> texts, IReadOnlyList<LeaseAsk> asks, CancellationToken cancellationToken);

    ValueTask<(StepReply Step, int Outcome)> AcquireAsync(PartitionKeys partition, string text, LeaseAsk ask, CancellationToken cancellationToken);

    /// <summary>Its outcome is a <see cref="FillOutcome"/>.</summary>
    ValueTask<(StepReply Step, int Outcome)> FillAsync(PartitionKeys partition, Fill fill, CancellationToken cancellationToken);

    ValueTask<StepReply> PutAsync(PartitionKeys partition, string text, SharedRecord record, CancellationToken cancellationToken);

    ValueTask<StepReply> ReleaseAsync(PartitionKeys partition, string text, Nonce nonce, CancellationToken cancellationToken);

    ValueTask<StepReply> ChangeAsync(PartitionKeys partition, IReadOnlyList<Change> changes, CancellationToken cancellationToken);

    ValueTask<(StepReply Step, IReadOnlyDictionary<string, long> Floors, IReadOnlyList<SequencedChange>? Changes)> ReadControlAsync(
        PartitionKeys partition, long since, Incarnation incarnation, CancellationToken cancellationToken);

    ValueTask<CounterReply> CountAsync(PartitionKeys partition, string text, CounterAsk ask, CancellationToken cancellationToken);
}
