namespace Millpond.Events;

/// <summary>A load ended, well or badly.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="Keys">How many keys it was for.</param>
/// <param name="Found">How many of them the source had.</param>
/// <param name="Time">How long the loader took, in ticks of 100 ns; waiting for a place at the source not included.</param>
/// <param name="Failure">What it threw; null if it ended well.</param>
/// <param name="Cancelled">Whether it had been told to stop by then. Why, if that is a fault, a <see cref="LoadGivenUp"/> has said.</param>
internal readonly record struct LoadEnded(string Keyspace, int Keys, int Found, long Time, Exception? Failure, bool Cancelled);

/// <summary>A load is about to begin.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="Keys">How many keys it is for.</param>
/// <param name="Renewal">Why it runs in the background; none if callers wait for it.</param>
internal readonly record struct LoadBegins(string Keyspace, int Keys, Policies.RefreshCause Renewal);

/// <summary>A load got no place at the source, or did not end in time. The loader may still be running.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="Failure">What its callers are told.</param>
internal readonly record struct LoadGivenUp(string Keyspace, MillpondException Failure);

/// <summary>A writer is about to be called.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="Kind">Set or delete.</param>
internal readonly record struct WriteBegins(string Keyspace, WriteKind Kind);

/// <summary>A write ended, as far as its caller is concerned.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="Kind">Set or delete.</param>
/// <param name="Result">What became of it; null if that is unknown.</param>
/// <param name="Time">How long it took, in ticks of 100 ns.</param>
/// <param name="Failure">Why it is unknown.</param>
internal readonly record struct WriteEnded(string Keyspace, WriteKind Kind, WriteResultKind? Result, long Time, Exception? Failure);

/// <summary>A caller got its answer by the miss road.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="Origin">Where the answer came from.</param>
/// <param name="Stale">Why it was not fresh.</param>
/// <param name="Waited">How long the caller waited, in ticks of 100 ns.</param>
/// <param name="Age">How old the value was, in ticks of 100 ns; negative if there is none and none can be loaded.</param>
internal readonly record struct MissAnswered(string Keyspace, ReadOrigin Origin, StaleReason Stale, long Waited, long Age);

/// <summary>A caller's wait on the miss road ended in an error.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="Waited">How long the caller waited, in ticks of 100 ns.</param>
/// <param name="Failure">What the caller is told.</param>
internal readonly record struct MissFailed(string Keyspace, long Waited, Exception Failure);

/// <summary>One in many hits, timed.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="Took">How long the hit took, in ticks of 100 ns.</param>
/// <param name="Age">How old the value was, in ticks of 100 ns.</param>
internal readonly record struct HitSampled(string Keyspace, long Took, long Age);

/// <summary>A fill was refused.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="Outcome">Why.</param>
internal readonly record struct FillRefused(string Keyspace, Shared.FillOutcome Outcome);

/// <summary>A change was made by this process, or heard from another.</summary>
/// <param name="Keyspace">The keyspace's full name.</param>
/// <param name="Kind">Key, scope or keyspace.</param>
/// <param name="Count">How many changes.</param>
/// <param name="Origin">Who caused it.</param>
internal readonly record struct Changed(string Keyspace, Shared.ChangeKind Kind, int Count, ChangeOrigin Origin);

/// <summary>The shared tier failed an operation.</summary>
/// <param name="Keyspace">The keyspace's full name.</param>
/// <param name="Operation">Which one.</param>
/// <param name="Failure">How.</param>
internal readonly record struct SharedTierFailed(string Keyspace, string Operation, Exception Failure);

/// <summary>A record could not be read as what the keyspace holds; it was treated as absent.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="Failure">Why.</param>
internal readonly record struct RecordUnreadable(string Keyspace, Exception Failure);

/// <summary>A partition's view lost its proof, or found it again.</summary>
/// <param name="Partition">Which one.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Detail">For people.</param>
internal readonly record struct ChannelEvent(Shared.PartitionId Partition, ChannelEventKind Kind, string Detail);

/// <summary>What can happen to a push channel.</summary>
internal enum ChannelEventKind
{
    /// <summary>It is up and everything held is proven again.</summary>
    Restored,

    /// <summary>It broke; what is held is trusted for two heartbeats at the most.</summary>
    Broken,

    /// <summary>A push was missed and what it said was read from the log.</summary>
    GapClosed,

    /// <summary>What was missed cannot be known: everything held became soft-stale.</summary>
    Lost,

    /// <summary>The shared tier began another life: everything held became soft-stale.</summary>
    OtherIncarnation,
}

/// <summary>A change could not be told to the shared tier and is kept to be told later, or has been told now.</summary>
/// <param name="Partition">Where it belongs.</param>
/// <param name="Waiting">How many wait now.</param>
/// <param name="Failure">Why it could not be told; null when the last one has been.</param>
internal readonly record struct ChangeDeferred(Shared.PartitionId Partition, int Waiting, Exception? Failure);

/// <summary>The warm side that a cold shared tier is filled from has answered, or has not and is tried again.</summary>
/// <param name="Capabilities">What it can do.</param>
/// <param name="Failure">Why it did not answer; null if it has.</param>
internal readonly record struct WarmSideConnected(Shared.SharedTierCapabilities Capabilities, Exception? Failure);

/// <summary>A keyspace's warm-up has ended.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="Figures">How, and what it has done.</param>
/// <param name="Failure">A defect that ended it; null otherwise.</param>
internal readonly record struct WarmUpEnded(string Keyspace, WarmUpStatistics Figures, Exception? Failure);

/// <summary>A source of keys for a warm-up could not say its keys; the warm-up goes on without.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="Source">Which one.</param>
/// <param name="Failure">Why.</param>
internal readonly record struct WarmUpSourceFailed(string Keyspace, string Source, Exception Failure);

/// <summary>The program ends, and a keyspace has left its keys behind for the next run, or could not.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="Path">Where.</param>
/// <param name="Held">How many that the local tier held.</param>
/// <param name="MostRead">How many of the most read.</param>
/// <param name="Bytes">What they take.</param>
/// <param name="Failure">Why it could not; null if it has.</param>
internal readonly record struct KeysLeftBehind(string Keyspace, string Path, int Held, int MostRead, long Bytes, Exception? Failure);

/// <summary>A change feed stands otherwise than before.</summary>
/// <param name="Feed">The feed's name.</param>
/// <param name="State">How it stands.</param>
/// <param name="Detail">For people.</param>
/// <param name="Failure">What broke it, if something did.</param>
internal readonly record struct FeedStateChanged(string Feed, Feeds.FeedState State, string Detail, Exception? Failure);

/// <summary>A change feed does not know something, so what it concerns is soft-stale: an alarm.</summary>
/// <param name="Feed">The feed's name.</param>
/// <param name="Doubt">What and why.</param>
internal readonly record struct FeedDoubted(string Feed, Feeds.FeedDoubt Doubt);

/// <summary>What a change feed told has been applied.</summary>
/// <param name="Feed">The feed's name.</param>
/// <param name="Transactions">How many transactions, applied together.</param>
/// <param name="Rows">How many rows in them.</param>
/// <param name="Changes">How many changes that made.</param>
/// <param name="Took">From when the first was handed over to when the shared tier had acknowledged all, in ticks of 100 ns.</param>
/// <param name="SinceCommit">From when the first was committed, by the source's clock; negative if that is not known.</param>
/// <param name="IsDeferred">Whether the shared tier could not be told all of it yet.</param>
internal readonly record struct FeedApplied(string Feed, int Transactions, int Rows, int Changes, long Took, long SinceCommit, bool IsDeferred);

/// <summary>The cache has started with its host.</summary>
/// <param name="Capabilities">What the shared tier can do and what it cannot.</param>
/// <param name="Keyspaces">How many keyspaces were declared.</param>
/// <param name="LocalBytesMax">What they may take of this process's memory.</param>
/// <param name="Failure">Why the shared tier could not be reached; null if it was.</param>
internal readonly record struct CacheStarted(Shared.SharedTierCapabilities Capabilities, int Keyspaces, long LocalBytesMax, Exception? Failure);

/// <summary>Configuration was changed while running and is in force now.</summary>
internal readonly record struct ConfigurationApplied;

/// <summary>Configuration was changed while running and was refused, so the one before stays in force.</summary>
/// <param name="Failure">What is wrong with it.</param>
internal readonly record struct ConfigurationRefused(Exception Failure);

/// <summary>A loaded value could not be stored (too large, or not encodable); its callers got it all the same.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="Failure">Why.</param>
internal readonly record struct ValueNotStored(string Keyspace, Exception Failure);

/// <summary>A key became hot. Which one, <see cref="ICache.HotKeys"/> tells.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="ReadsPerSecond">How often it is read a second.</param>
/// <param name="Share">The share of the keyspace's reads that are of it.</param>
internal readonly record struct HotKeyFound(string Keyspace, double ReadsPerSecond, double Share);

/// <summary>The auditor found a key of which a tier would have served, ten seconds after it was seen first or later, what the source does not say.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="For">For how long it has been so, at least, in ticks.</param>
/// <param name="Tiers">Which tiers differ, in words.</param>
internal readonly record struct InconsistencyFound(string Keyspace, long For, string Tiers);

/// <summary>One partition of a keyspace, and so one shard of the shared tier, is asked far more than the others.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="Skew">What the busiest is asked, to the mean.</param>
/// <param name="AsksPerSecond">How often all are asked a second, by this process.</param>
internal readonly record struct ShardsSkewed(string Keyspace, double Skew, long AsksPerSecond);

/// <summary>The bytes that keyspaces may fill in this process are other than before.</summary>
/// <param name="BytesMax">How many they are now.</param>
/// <param name="Configured">How many were configured.</param>
internal readonly record struct LocalBudgetChanged(long BytesMax, long Configured);

/// <summary>A load was not let to its source.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="Source">The source's name.</param>
/// <param name="Reason">Why.</param>
/// <param name="Priority">Who waited for it.</param>
internal readonly record struct LoadShed(string Keyspace, string Source, Loading.ShedReason Reason, Loading.LoadPriority Priority);

/// <summary>A load that failed is tried again.</summary>
/// <param name="Keyspace">The keyspace's name.</param>
/// <param name="Failure">How it failed.</param>
internal readonly record struct LoadRetried(string Keyspace, Exception Failure);

/// <summary>A source is let have another number of loads at once.</summary>
/// <param name="Source">The source's name.</param>
/// <param name="Before">How many it was.</param>
/// <param name="Now">How many it is.</param>
internal readonly record struct SourceLimitChanged(string Source, int Before, int Now);

/// <summary>A source fails and is left alone, is being tried, or is used again.</summary>
/// <param name="Source">The source's name.</param>
/// <param name="State">How its breaker stands now.</param>
internal readonly record struct SourceBreakerChanged(string Source, Overload.BreakerState State);

/// <summary>A partition's node fails or is slow and is left alone, is being tried, or is used again.</summary>
/// <param name="Partition">Which one.</param>
/// <param name="State">How its breaker stands now.</param>
internal readonly record struct SharedTierBreakerChanged(Shared.PartitionId Partition, Overload.BreakerState State);
