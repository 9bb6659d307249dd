namespace Millpond.Events;

/// <summary>A flusher's state has changed.</summary>
/// <param name="Keyspace">The keyspace, or the counters.</param>
/// <param name="State">What it is now.</param>
/// <param name="Failure">What failed, if something did.</param>
internal readonly record struct FlusherChanged(string Keyspace, FlusherState State, Exception? Failure);

/// <summary>A batch is in the source.</summary>
/// <param name="Keyspace">The keyspace, or the counters.</param>
/// <param name="Records">How many records it was.</param>
/// <param name="Items">How many items they were merged into.</param>
/// <param name="Took">How long the sink took, in ticks of 100 ns.</param>
internal readonly record struct Flushed(string Keyspace, int Records, int Items, long Took);

/// <summary>The oldest record is older than the alarm, or no longer.</summary>
/// <param name="Keyspace">The keyspace, or the counters.</param>
/// <param name="IsLate">Whether the alarm is raised or taken back.</param>
/// <param name="Lag">How old the oldest record is.</param>
/// <param name="Records">How many are not flushed.</param>
internal readonly record struct FlushLagging(string Keyspace, bool IsLate, TimeSpan Lag, long Records);

/// <summary>Records were put among the dead letters.</summary>
/// <param name="Keyspace">The keyspace, or the counters.</param>
/// <param name="Records">How many.</param>
/// <param name="Reason">Why.</param>
internal readonly record struct DeadLettered(string Keyspace, int Records, string Reason);
