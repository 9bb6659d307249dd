using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millpond.FileJournal.Format;
using Millpond.FileJournal.Segments;
using Millpond.FileJournal.Trails;
using Millpond.Journals;
using Millpond.Runtime;

namespace Millpond.FileJournal;

/// <summary>
/// A journal in files of one folder, for one process on one machine.
/// </summary>
/// <remarks>
/// <para>All that is not flushed is in memory too, so nothing is read from the files but when the journal is opened. A commit is one frame: the records, and what was acknowledged, buried or removed since, of all who wait
/// (<see cref="GroupCommit"/>). It is acknowledged when the disk says that it has it.</para>
/// <para>A segment begins with where the journal stood (<see cref="Checkpoint"/>), so those before it can go as soon as their records are flushed, in order; not before the disk knows that they are.</para>
/// <para>After a failed write or flush nobody knows what the disk has, nor does a second try tell. So the journal takes nothing more until it is opened again, and goes on giving out what it had acknowledged.</para>
/// </remarks>
internal sealed class FileJournal : IWriteJournal
{
    private readonly FileJournalOptions _options;
    private readonly Surroundings _surroundings;
    private readonly Disk _disk;
    private readonly ILogger _logger;
    private readonly SegmentNames _names;
    private readonly SegmentMaker _maker;
    private readonly GroupCommit _commits;

    private JournalMemory _memory;
    private SettleClock _clock;
    // Who leads, if anybody does; exchanged, not locked.
    private FileLead? _lead;
    private FileStream? _lock;
    private SegmentLog? _log;
    private bool _isDisposed;

    public FileJournal(FileJournalOptions options, Surroundings surroundings, Disk? disk = null, ILoggerFactory? loggers = null)
    {
        _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("Millpond.FileJournal");
        _options = options;
        _surroundings = surroundings;
        _disk = disk ?? Disk.Real;
        _names = new SegmentNames(options.Folder);
        _maker = new SegmentMaker(_names, options.SegmentBytes, _disk, surroundings);
        _commits = new GroupCommit(surroundings, Commit);
        _clock = new SettleClock(surroundings.Time, 0);
        _memory = new JournalMemory(new JournalState(), surroundings);
    }

    public JournalCapabilities Capabilities { get; } = new() { Kind = "file", Survives = JournalSurvival.ProcessDeath | JournalSurvival.PowerLoss, Reach = JournalReach.Process };

    public JournalDepth Depth => _memory.Depth;

    public IJournalTrail? Trail { get; private set; }

    public JournalMemory Memory => _memory;

    public ValueTask OpenAsync(string keyspace, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(_options.Folder);
            TakeLock();
            var (state, segments) = new Recovery(_names, _disk, _surroundings).Read(keyspace);
            _memory = new JournalMemory(state, _surroundings);
            _clock = new SettleClock(_surroundings.Time, state.SettledAt);
            _log = new SegmentLog(_names, _maker, segments, _options.Trail is { } trail ? new KeptSegments(_names, trail, _surroundings.Time, _logger) : null);
            Trail = _options.Trail is null ? null : new FileTrail(_log, _names, _options.Trail, _surroundings.Time);
            _log.Begin(state.ToCheckpoint(_clock.Next()));
            return default;
        }
        catch (Exception failure)
        {
            _lock?.Dispose();
            _lock = null;
            if (failure is IOException or UnauthorizedAccessException)
            {
                throw JournalDamage.NotWritable(_options.Folder, failure);
            }

            throw;
        }
    }

    public ValueTask<long> AppendAsync(IReadOnlyList<JournalWrite> writes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(writes.Count);

        // Copied: they are in memory until they are flushed, and the caller's bytes are the caller's again when this returns.
        JournalWrite[] own = [.. writes.Select(write => write with { Value = write.Value.ToArray() })];
        return new(_surroundings.WaitAsync(_commits.Add(new CommitAsk(CommitAsk.NoEntries, own, _surroundings.NewCompletion<long>())), cancellationToken));
    }

    public ValueTask<JournalRecord?> FindPendingAsync(string key, CancellationToken cancellationToken) => new(_memory.Find(key));

    public ValueTask<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(long after, int lettersMax, CancellationToken cancellationToken) => new(_memory.ReadDead(after, lettersMax));

    public async ValueTask<IJournalLead?> TryLeadAsync(CancellationToken cancellationToken)
    {
        var lead = new FileLead(this, _memory.Token + 1);
        if (Interlocked.CompareExchange(ref _lead, lead, null) is not null)
        {
            return null;
        }

        try
        {
            await TellAsync([new Led(lead.Token)], cancellationToken).ConfigureAwait(false);
            return lead;
        }
        catch (Exception)
        {
            Resign(lead);
            throw;
        }
    }

    public void Resign(FileLead lead) => Interlocked.CompareExchange(ref _lead, null, lead);

    /// <summary>Has entries of the lead committed.</summary>
    public Task TellAsync(IReadOnlyList<Entry> entries, CancellationToken cancellationToken) =>
        _surroundings.WaitAsync(_commits.Add(new CommitAsk(entries, [], _surroundings.NewCompletion<long>())), cancellationToken);

    /// <summary>Written down with the next commit, since nothing is lost without it; at once where a segment may go for it, or a trail says when it was.</summary>
    public async ValueTask AcknowledgeAsync(long through, CancellationToken cancellationToken)
    {
        _memory.Acknowledge(through);
        if (Trail is not null || _log!.HasFlushed(_memory.Acknowledged))
        {
            await TellAsync([], cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (_log is not null)
        {
            try
            {
                await TellAsync([], CancellationToken.None).ConfigureAwait(false);
            }
            catch (JournalException)
            {
                // What was flushed and not written down is flushed once more, and the sink knows.
            }
        }

        await _commits.CloseAsync().ConfigureAwait(false);
        _log?.Dispose();
        _maker.Dispose();
        _lock?.Dispose();
    }

    /// <summary>Ends as a process that is killed: nothing more is written, and the lock is free.</summary>
    public async Task AbandonAsync()
    {
        _isDisposed = true;
        await _commits.CloseAsync().ConfigureAwait(false);
        _log?.Dispose();
        _maker.Dispose();
        _lock?.Dispose();
    }

    private void TakeLock()
    {
        try
        {
            _lock = new FileStream(_names.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException held) when (File.Exists(_names.Lock))
        {
            throw JournalDamage.Held(_options.Folder, held);
        }
    }

    /// <summary>Commits what was asked for, as one frame. Called by one thread at a time.</summary>
    private void Commit(IReadOnlyList<CommitAsk> asks)
    {
        var (position, now, rolled) = (_memory.Last, _surroundings.Time.GetUtcNow(), _clock.Next());
        // First: it was said before what is asked for here, and so a key's dead letter is not settled before what was flushed of its key earlier.
        var entries = new List<Entry>(asks.Count + 1) { new Acknowledged(_memory.Acknowledged, _clock.Next()) };
        foreach (var ask in asks)
        {
            entries.AddRange(ask.Entries.Select(entry => entry is Removed removed ? removed with { At = _clock.Next() } : entry));
            entries.AddRange(ask.Writes.Select(write => new Written(new JournalRecord(++position, write.Kind, write.Key, write.Value, write.Delta, now))));
            ask.Succeed(position);
        }

        if (_log!.Write(entries, position, () => _memory.Stand(rolled)) is { } failure)
        {
            foreach (var ask in asks)
            {
                ask.Fail(failure);
            }

            return;
        }

        _memory.Apply(entries);
    }
}
