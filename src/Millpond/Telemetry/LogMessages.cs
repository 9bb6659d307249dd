using Microsoft.Extensions.Logging;
using Millpond.Shared;

namespace Millpond.Telemetry;

/// <summary>What the log says. Event ids are stable: 1 to 9 the start, 10 to 19 channels, 20 to 29 the shared tier, 30 to 39 values, 40 to 49 changes,
/// 50 to 59 configuration, 60 to 69 loads, 70 to 79 hot keys, 80 to 89 sources, 90 to 99 change feeds, 100 to 109 warm-up, 110 to 119 write-behind.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Information, "Cache {Cache} has started on shared tier '{Product}' (holds values: {HoldsValues}; pushes cannot be lost: {PushIsLossless}; "
        + "partitions for each keyspace: {Partitions}) with {Keyspaces} keyspaces and at most {LocalBytesMax} bytes in this process.")]
    public static partial void Started(
        this ILogger log, string cache, string product, bool holdsValues, bool pushIsLossless, int partitions, int keyspaces, long localBytesMax);

    [LoggerMessage(2, LogLevel.Warning, "Cache {Cache} lacks a guarantee on shared tier '{Product}': {Shortfall}")]
    public static partial void Shortfall(this ILogger log, string cache, string product, string shortfall);

    [LoggerMessage(3, LogLevel.Warning, "Cache {Cache} has started without its shared tier '{Product}', which did not answer. Until it does, reads go to the source under its guard.")]
    public static partial void StartedWithout(this ILogger log, Exception failure, string cache, string product);

    [LoggerMessage(4, LogLevel.Warning, "Cache {Cache} keeps to {BytesMax} bytes in this process, fewer than the {Configured} of LocalBytesMax: memory is short here, or the process may not "
        + "have three quarters as much. Room comes back by itself when memory does.")]
    public static partial void LocalBudgetBelow(this ILogger log, string cache, long bytesMax, long configured);

    [LoggerMessage(5, LogLevel.Information, "Cache {Cache} may fill {BytesMax} bytes in this process, all that is configured.")]
    public static partial void LocalBudgetWhole(this ILogger log, string cache, long bytesMax);

    [LoggerMessage(10, LogLevel.Warning, "Cache {Cache}: the push channel of {Partition} broke: {Reason}. What is held is trusted for two heartbeats at the most.")]
    public static partial void ChannelBroken(this ILogger log, string cache, PartitionId partition, string reason);

    [LoggerMessage(11, LogLevel.Information, "Cache {Cache}: the push channel of {Partition} is back ({Detail}) and what is held is proven again.")]
    public static partial void ChannelRestored(this ILogger log, string cache, PartitionId partition, string detail);

    [LoggerMessage(12, LogLevel.Information, "Cache {Cache}: pushes of {Partition} were missed and have been made up for ({Detail}).")]
    public static partial void GapClosed(this ILogger log, string cache, PartitionId partition, string detail);

    [LoggerMessage(13, LogLevel.Warning, "Cache {Cache}: pushes of {Partition} were missed and cannot be known any more ({Detail}). Everything held of it is stale now and is renewed as it is read.")]
    public static partial void ChannelLost(this ILogger log, string cache, PartitionId partition, string detail);

    [LoggerMessage(14, LogLevel.Warning, "Cache {Cache}: {Partition} lives in another incarnation of the shared tier ({Detail}): it was emptied, restored or replaced. Everything held of it is stale now and is renewed as it is read.")]
    public static partial void OtherIncarnation(this ILogger log, string cache, PartitionId partition, string detail);

    [LoggerMessage(15, LogLevel.Debug, "Cache {Cache}: the push channel of {Partition} is up ({Detail}).")]
    public static partial void ChannelUp(this ILogger log, string cache, PartitionId partition, string detail);

    [LoggerMessage(20, LogLevel.Warning, "Cache {Cache}, keyspace {Keyspace}: the shared tier failed '{Operation}'.")]
    public static partial void SharedTierFailed(this ILogger log, Exception failure, string cache, string keyspace, string operation);

    [LoggerMessage(21, LogLevel.Warning, "Cache {Cache}, keyspace {Keyspace}: the shared tier failed '{Operation}' {Count} more times in {Seconds} s.")]
    public static partial void SharedTierFailedAgain(this ILogger log, string cache, string keyspace, string operation, int count, double seconds);

    [LoggerMessage(22, LogLevel.Warning, "Cache {Cache}: {Partition} of the shared tier fails or is too slow and is left alone for a moment; its reads go to the source under its guard.")]
    public static partial void SharedTierLeftAlone(this ILogger log, string cache, PartitionId partition);

    [LoggerMessage(23, LogLevel.Information, "Cache {Cache}: {Partition} of the shared tier answers and is used again.")]
    public static partial void SharedTierUsedAgain(this ILogger log, string cache, PartitionId partition);

    [LoggerMessage(30, LogLevel.Warning, "Cache {Cache}, keyspace {Keyspace}: a value was served but could not be stored, so each of its readers loads it anew.")]
    public static partial void ValueNotStored(this ILogger log, Exception failure, string cache, string keyspace);

    [LoggerMessage(31, LogLevel.Warning, "Cache {Cache}, keyspace {Keyspace}: {Count} more values could not be stored in {Seconds} s.")]
    public static partial void ValuesNotStored(this ILogger log, string cache, string keyspace, int count, double seconds);

    [LoggerMessage(32, LogLevel.Warning, "Cache {Cache}, keyspace {Keyspace}: a record of the shared tier could not be read and counts as absent. If the value's type changed, raise the keyspace's version.")]
    public static partial void RecordUnreadable(this ILogger log, Exception failure, string cache, string keyspace);

    [LoggerMessage(33, LogLevel.Warning, "Cache {Cache}, keyspace {Keyspace}: {Count} more records could not be read in {Seconds} s.")]
    public static partial void RecordsUnreadable(this ILogger log, string cache, string keyspace, int count, double seconds);

    [LoggerMessage(40, LogLevel.Warning, "Cache {Cache}, keyspace {Keyspace}: a change could not be told to the shared tier; {Waiting} wait to be told. Other processes may serve what it made stale until then.")]
    public static partial void ChangeDeferred(this ILogger log, Exception failure, string cache, string keyspace, int waiting);

    [LoggerMessage(41, LogLevel.Warning, "Cache {Cache}, keyspace {Keyspace}: {Count} more changes could not be told in {Seconds} s.")]
    public static partial void ChangesDeferred(this ILogger log, string cache, string keyspace, int count, double seconds);

    [LoggerMessage(42, LogLevel.Information, "Cache {Cache}, keyspace {Keyspace}: every change that waited has been told to the shared tier.")]
    public static partial void ChangesTold(this ILogger log, string cache, string keyspace);

    [LoggerMessage(50, LogLevel.Error, "Cache {Cache}: the changed configuration was refused and the one before stays in force.")]
    public static partial void ConfigurationRefused(this ILogger log, Exception faults, string cache);

    [LoggerMessage(51, LogLevel.Information, "Cache {Cache}: configuration was read again and is in force.")]
    public static partial void ConfigurationApplied(this ILogger log, string cache);

    [LoggerMessage(70, LogLevel.Information, "Cache {Cache}, keyspace {Keyspace}: a key has become hot, with {ReadsPerSecond:F0} reads a second and a share of {Share:P0} of all here. ICache.HotKeys names it.")]
    public static partial void HotKeyFound(this ILogger log, string cache, string keyspace, double readsPerSecond, double share);

    [LoggerMessage(71, LogLevel.Information, "Cache {Cache}, keyspace {Keyspace}: {Count} more keys became hot in {Seconds} s.")]
    public static partial void HotKeysFound(this ILogger log, string cache, string keyspace, int count, double seconds);

    [LoggerMessage(80, LogLevel.Warning, "Cache {Cache}, keyspace {Keyspace}: for {Seconds:F0} s {Tiers} would have served what the source does not say for some key. CacheStatistics.Audits names it and says what was seen; more such keys are told of once a minute.")]
    public static partial void InconsistencyFound(this ILogger log, string cache, string keyspace, double seconds, string tiers);

    [LoggerMessage(EventId = 90, Message = "Cache {Cache}, change feed {Feed} is {State}: {Detail}")]
    public static partial void FeedState(this ILogger log, LogLevel level, string cache, string feed, Feeds.FeedState state, string detail);

    [LoggerMessage(110, LogLevel.Information, "Cache {Cache}, write-behind of {Keyspace} is {State}.")]
    public static partial void FlusherIs(this ILogger log, string cache, string keyspace, FlusherState state);

    [LoggerMessage(111, LogLevel.Error, "Cache {Cache}, write-behind of {Keyspace} could not flush, and tries again. What was acknowledged is in its journal.")]
    public static partial void FlusherFailed(this ILogger log, Exception failure, string cache, string keyspace);

    [LoggerMessage(112, LogLevel.Error, "Cache {Cache}, write-behind of {Keyspace}: the oldest of {Records} writes has waited {Seconds:F0} s for the source, past LagAlarm.")]
    public static partial void FlushLags(this ILogger log, string cache, string keyspace, long records, double seconds);

    [LoggerMessage(113, LogLevel.Information, "Cache {Cache}, write-behind of {Keyspace}: the source has caught up.")]
    public static partial void FlushCaughtUp(this ILogger log, string cache, string keyspace);

    [LoggerMessage(114, LogLevel.Error, "Cache {Cache}, write-behind of {Keyspace}: {Records} writes were put among the dead letters: {Reason}. Retry or discard them with ICache.WriteBehind.")]
    public static partial void DeadLettered(this ILogger log, string cache, string keyspace, int records, string reason);

    [LoggerMessage(115, LogLevel.Error, "Cache {Cache}, write-behind of {Keyspace}: {Count} more such writes in {Seconds} s.")]
    public static partial void DeadLetteredAgain(this ILogger log, string cache, string keyspace, int count, double seconds);

    [LoggerMessage(91, LogLevel.Error, "Cache {Cache}, change feed {Feed} failed and is tried again. Until it is back, changes made past the application are noticed when times to live end.")]
    public static partial void FeedFailed(this ILogger log, Exception failure, string cache, string feed);

    [LoggerMessage(EventId = 92, Message = "Cache {Cache}, change feed {Feed}: what it follows may have changed unheard ({Reason}, table {Table}), so it is stale and is renewed as it is read. {Detail}")]
    public static partial void FeedDoubted(this ILogger log, LogLevel level, Exception? failure, string cache, string feed, Feeds.FeedDoubtReason reason, string table, string detail);

    [LoggerMessage(93, LogLevel.Error, "Cache {Cache}, change feed {Feed}: {Count} more such doubts in {Seconds} s.")]
    public static partial void FeedDoubtedAgain(this ILogger log, string cache, string feed, int count, double seconds);

    [LoggerMessage(72, LogLevel.Warning, "Cache {Cache}, keyspace {Keyspace}: one partition of the shared tier is asked {Skew:F1} times as much as the mean, of {AsksPerSecond} asks a second by this process. "
        + "ICache.HotKeys names the keys that are read most; a keyspace that keeps nothing locally spares its shards nothing.")]
    public static partial void ShardsSkewed(this ILogger log, string cache, string keyspace, double skew, long asksPerSecond);

    [LoggerMessage(EventId = 100, Message = "Cache {Cache}, keyspace {Keyspace}: warm-up ended after {Seconds:F1} s ({State}) with {Done} of {Keys} keys: {Held} were here, {FromShared} came from the shared tier, {Loaded} from the source, "
        + "{Missing} do not exist, {Failed} could not be read.")]
    private static partial void WarmUpEnded(
        this ILogger log, LogLevel level, Exception? failure, string cache, string keyspace, double seconds, WarmUpState state, int done, int keys, int held, int fromShared, int loaded, int missing, int failed);

    public static void WarmUpEnded(this ILogger log, string cache, in Events.WarmUpEnded e)
    {
        var isWhole = e is { Failure: null, Figures: { Failed: 0, SourcesFailed: 0, State: not WarmUpState.OutOfTime } };
        log.WarmUpEnded(
            isWhole ? LogLevel.Information : LogLevel.Warning, e.Failure, cache, e.Keyspace, e.Figures.Time.TotalSeconds, e.Figures.State, e.Figures.Done, e.Figures.Keys, e.Figures.Held, e.Figures.FromShared, e.Figures.Loaded,
            e.Figures.Missing, e.Figures.Failed);
    }

    [LoggerMessage(101, LogLevel.Warning, "Cache {Cache}, keyspace {Keyspace}: {Source} could not say which keys to warm up; the warm-up goes on without.")]
    public static partial void WarmUpSourceFailed(this ILogger log, Exception failure, string cache, string keyspace, string source);

    [LoggerMessage(102, LogLevel.Information, "Cache {Cache}, keyspace {Keyspace}: {Held} keys that were held and {MostRead} that were read most are left for the next run in '{Path}' ({Bytes} bytes).")]
    public static partial void KeysLeftBehind(this ILogger log, string cache, string keyspace, int held, int mostRead, string path, long bytes);

    [LoggerMessage(103, LogLevel.Warning, "Cache {Cache}, keyspace {Keyspace}: the keys for the next run could not be left in '{Path}'; what was there is as it was.")]
    public static partial void KeysNotLeftBehind(this ILogger log, Exception failure, string cache, string keyspace, string path);

    [LoggerMessage(104, LogLevel.Information, "Cache {Cache} fills its shared tier from a warm side, '{Product}'.")]
    public static partial void WarmSideConnected(this ILogger log, string cache, string product);

    [LoggerMessage(105, LogLevel.Warning, "Cache {Cache}: the warm side that its shared tier is to be filled from does not answer and is tried again; until then what is missing is loaded.")]
    public static partial void WarmSideAway(this ILogger log, Exception failure, string cache);

    [LoggerMessage(60, LogLevel.Debug, "Cache {Cache}, keyspace {Keyspace}: a load failed.")]
    public static partial void LoadFailed(this ILogger log, Exception failure, string cache, string keyspace);

    [LoggerMessage(61, LogLevel.Warning, "Cache {Cache}, keyspace {Keyspace}: a load was not let to source {Source} ({Reason}, {Priority}).")]
    public static partial void LoadShed(this ILogger log, string cache, string keyspace, string source, string reason, string priority);

    [LoggerMessage(62, LogLevel.Warning, "Cache {Cache}, keyspace {Keyspace}: {Count} more loads were not let to their source ({Reason}) in {Seconds} s.")]
    public static partial void LoadsShed(this ILogger log, string cache, string keyspace, string reason, int count, double seconds);

    [LoggerMessage(80, LogLevel.Error, "Cache {Cache}: source {Source} fails and is left alone for a while; its callers get stale values, fallbacks or MP1308.")]
    public static partial void SourceLeftAlone(this ILogger log, string cache, string source);

    [LoggerMessage(81, LogLevel.Information, "Cache {Cache}: source {Source} is tried again with a few loads.")]
    public static partial void SourceTried(this ILogger log, string cache, string source);

    [LoggerMessage(82, LogLevel.Information, "Cache {Cache}: source {Source} answers and is used again.")]
    public static partial void SourceUsedAgain(this ILogger log, string cache, string source);
}
