using Millpond.Events;
using Millpond.Journals;
using Millpond.Runtime;

namespace Millpond.Writing.Behind;

/// <summary>What write-behind of one keyspace has done and how it stands, for statistics and listeners. Written by the flusher and by writers; counts are interlocked, the rest is one reference.</summary>
internal sealed class FlushLog(string keyspace, IWriteJournal journal, WriteBehindOptions options, CacheListener listener, Surroundings surroundings)
{
    private long _appended;
    private long _refused;
    private long _flushed;
    private long _items;
    private long _batches;
    private long _failures;
    private long _untold;
    private long _untoldThroughTicks;
    private bool _isLate;
    private Standing _standing = new(FlusherState.Opening, null);

    public void Appended(int records) => Interlocked.Add(ref _appended, records);

    public void Refused() => Interlocked.Increment(ref _refused);

    public void State(FlusherState state, Exception? failure)
    {
        var before = Interlocked.Exchange(ref _standing, new(state, failure?.Message));
        if (failure is not null)
        {
            Interlocked.Increment(ref _failures);
        }

        if (before.State != state)
        {
            listener.On(new FlusherChanged(keyspace, state, failure));
        }

        LookAtLag();
    }

    public void Flushed(int records, int items, long took)
    {
        Interlocked.Add(ref _flushed, records);
        Interlocked.Add(ref _items, items);
        Interlocked.Increment(ref _batches);
        listener.On(new Flushed(keyspace, records, items, took));
        LookAtLag();
    }

    /// <summary>How many records that the source has are in the journal still, because the shared tier has not been told.</summary>
    public long UntoldRecords => Interlocked.Read(ref _untold);

    public void Untold(long records, DateTimeOffset newestAt)
    {
        Interlocked.Exchange(ref _untoldThroughTicks, newestAt.UtcTicks);
        Interlocked.Exchange(ref _untold, records);
    }

    public void Buried(int records, string reason) => listener.On(new DeadLettered(keyspace, records, reason));

    public WriteBehindStatistics Statistics()
    {
        var (depth, standing) = (journal.Depth, Volatile.Read(ref _standing));
        var lag = LagOf(depth);
        return new()
        {
            Keyspace = keyspace,
            Journal = journal.Capabilities.Kind,
            Survives = journal.Capabilities.Survives,
            State = standing.State,
            LastFailure = standing.Failure,
            Records = Math.Max(0, depth.Records - UntoldRecords),
            Bytes = depth.Bytes,
            Untold = UntoldRecords,
            Lag = lag,
            IsLate = lag > options.LagAlarm,
            DeadLetters = depth.DeadLetters,
            Appended = Interlocked.Read(ref _appended),
            Flushed = Interlocked.Read(ref _flushed),
            Items = Interlocked.Read(ref _items),
            Batches = Interlocked.Read(ref _batches),
            Failures = Interlocked.Read(ref _failures),
            Refused = Interlocked.Read(ref _refused),
        };
    }

    /// <summary>Raises the alarm, and takes it back, once each. Called by the flusher alone, after each attempt: while it stands still the health check looks.</summary>
    private void LookAtLag()
    {
        var (depth, wasLate) = (journal.Depth, _isLate);
        _isLate = LagOf(depth) > options.LagAlarm;
        if (_isLate != wasLate)
        {
            listener.On(new FlushLagging(keyspace, _isLate, LagOf(depth) ?? TimeSpan.Zero, depth.Records));
        }
    }

    private TimeSpan? LagOf(in JournalDepth depth)
    {
        var untold = UntoldRecords;
        if (depth.OldestAt is not { } oldest || depth.Records <= untold)
        {
            return null;
        }

        // Whatever is not flushed is younger than what is.
        var since = untold == 0 ? oldest.UtcTicks : Math.Max(oldest.UtcTicks, Interlocked.Read(ref _untoldThroughTicks));
        return TimeSpan.FromTicks(Math.Max(0, surroundings.Time.GetUtcNow().UtcTicks - since));
    }

    private sealed record Standing(FlusherState State, string? Failure);
}
