namespace Millpond.Shared;

/// <summary>
/// What a partition's control record said in the same atomic step as the operation whose reply carries this. The three figures
/// are how a process notices, on any reply, that it missed something.
/// </summary>
/// <param name="Incarnation">The life that the sequence belongs to.</param>
/// <param name="Sequence">The number of the partition's newest change, 0 before the first.</param>
/// <param name="FloorSequence">The number of its newest change of a tag, a tenant or the keyspace; a reader that knows the floors
/// up to here can judge any record.</param>
public readonly record struct PartitionState(Incarnation Incarnation, long Sequence, long FloorSequence);
