using Millpond.Journals;

namespace Millpond.Writing.Behind;

/// <summary>
/// Write-behind of one keyspace: what stands in the writer's place on the write road, what loads ask before the source, and the flusher's life.
/// </summary>
/// <remarks>
/// A write is acknowledged when the journal has it, and is pending from then on until it is in the source. The tiers get it by the write road, under its ticket, as any write; what they lose of it (evicted, refused, cleared) a load finds
/// in the journal again. So nothing that is not flushed need be kept by a tier (A54), and a change of the key, our own flush's coming back by a feed included (A55), takes nothing from readers.
/// </remarks>
internal sealed class BehindRoad<TKey, TValue> : IBehind
    where TKey : notnull
{
    private readonly BehindParts<TKey, TValue> _parts;
    private readonly Flusher<TKey, TValue> _flusher;
    private readonly Admission _admission;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private Task<bool>? _opening;

    public BehindRoad(BehindParts<TKey, TValue> parts)
    {
        _parts = parts;
        Log = new FlushLog(parts.Name, parts.Journal, parts.Options, parts.Listener, parts.Surroundings);
        _admission = new Admission(parts.FullName, parts.Journal, parts.Options, parts.Surroundings);
        _flusher = new Flusher<TKey, TValue>(parts, Log, _admission);
    }

    public FlushLog Log { get; }

    /// <summary>Whether no other process sees what is pending.</summary>
    public bool IsOfThisProcessAlone => _parts.Journal.Capabilities.Reach == JournalReach.Process;

    /// <summary>Opens the journal and begins to flush, once. One that is damaged or held by another keeps the program from starting (MP1408); one that is away is tried again until it is there: it may hold what was acknowledged before, and nobody
    /// need ever write again.</summary>
    public async Task StartAsync()
    {
        try
        {
            await OpenAsync().ConfigureAwait(false);
        }
        catch (Exception away) when (away is not JournalException { Failure: JournalFailure.Unfit })
        {
            Log.State(FlusherState.Failing, away);
            _parts.Surroundings.RunAside(OpenWhenThereAsync);
        }
    }

    /// <summary>The writer of a keyspace whose writes are journaled. It throws <see cref="NotJournaledException"/> where certainly nothing was taken.</summary>
    public async ValueTask<WriteResult<TValue>> WriteAsync(WriteContext<TKey, TValue> wish, CancellationToken cancellationToken)
    {
        var text = _parts.Naming.Text(wish.Key, _parts.KeyBytesMax());
        var write = wish.Kind == WriteKind.Delete
            ? new JournalWrite(JournalKind.Delete, text, default)
            : new JournalWrite(JournalKind.Set, text, Encode(wish.Value!));
        await AppendAsync([write], cancellationToken).ConfigureAwait(false);
        return WriteResult.Journaled(wish.Value);
    }

    public async ValueTask AppendAsync(IReadOnlyList<JournalWrite> writes, CancellationToken cancellationToken)
    {
        try
        {
            if (_closing.IsCancellationRequested)
            {
                throw new JournalException(JournalFailure.Refused, $"'{_parts.Name}' belongs to a cache that is being disposed, so nothing was taken. Write before the program stops.") { Keyspace = _parts.Name };
            }

            await OpenAsync().ConfigureAwait(false);
            await _admission.EnterAsync(writes, cancellationToken).ConfigureAwait(false);
            var append = _parts.Journal.AppendAsync(writes, cancellationToken);
            if (_parts.Rules.AcknowledgesAfterAppend)
            {
                await append.ConfigureAwait(false);
            }
        }
        catch (MillpondException refusal) when (refusal.Code is ErrorCode.JournalRefused or ErrorCode.JournalFull or ErrorCode.JournalUnfit)
        {
            Log.Refused();
            throw new NotJournaledException(refusal);
        }

        Log.Appended(writes.Count);
    }

    /// <summary>What the journal knows better than the source; null if it knows nothing of the key.</summary>
    public async ValueTask<LoadResult<TValue>?> FindAsync(string key, CancellationToken cancellationToken)
    {
        await OpenAsync().ConfigureAwait(false);
        return await _parts.Journal.FindPendingAsync(key, cancellationToken).ConfigureAwait(false) switch
        {
            null => null,
            { Kind: JournalKind.Delete } => LoadResult.NotFound<TValue>(),
            var record => LoadResult.From(_parts.Codec.Decode(record)),
        };
    }

    public WriteBehindStatistics Statistics() => Log.Statistics();

    public async ValueTask<IReadOnlyList<DeadLetter>> DeadLettersAsync(long after = 0, int lettersMax = 100, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(lettersMax, 1);
        await OpenAsync().ConfigureAwait(false);
        return await _parts.Journal.ReadDeadLettersAsync(after, lettersMax, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<int> RetryDeadLettersAsync(string? key = null, CancellationToken cancellationToken = default) =>
        _flusher.CommandAsync((run, token) => run.Letters.RetryAsync(key, token), cancellationToken);

    public ValueTask<int> DiscardDeadLettersAsync(string key, long through = long.MaxValue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _flusher.CommandAsync((run, token) => run.Letters.DiscardAsync(key, through, token), cancellationToken);
    }

    public async ValueTask<TrailPage> ReadTrailAsync(TrailQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        await OpenAsync().ConfigureAwait(false);
        return _parts.Journal.Trail is { } trail ? await trail.ReadAsync(query, cancellationToken).ConfigureAwait(false) : throw new MillpondException(
            ErrorCode.JournalWithoutTrail, $"The journal of '{_parts.Name}' ({_parts.Journal.Capabilities.Kind}) keeps nothing of what is settled. Declare how much it shall keep (Trail in its options); what was settled before is not there.")
        {
            Keyspace = _parts.Name,
        };
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        await OpenAsync().ConfigureAwait(false);
        await _flusher.FlushedAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _closing.Cancel();
        if (_opening is { IsCompletedSuccessfully: true })
        {
            await _flusher.StopAsync(_parts.Options.DrainMax).ConfigureAwait(false);
        }

        Log.State(FlusherState.Stopped, null);
        await _parts.Journal.DisposeAsync().ConfigureAwait(false);
        switch (_parts.Sink)
        {
            case IAsyncDisposable sink:
                await sink.DisposeAsync().ConfigureAwait(false);
                break;
            case IDisposable sink:
                sink.Dispose();
                break;
        }
    }

    private async Task OpenWhenThereAsync()
    {
        var pause = new FlushPause(_parts.Options.RetryPauseMax, _parts.Surroundings);
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await _parts.Surroundings.Delay(pause.Next(), _closing.Token).ConfigureAwait(false);
                await OpenAsync().ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (_closing.IsCancellationRequested)
            {
                return;
            }
            catch (Exception away)
            {
                Log.State(FlusherState.Failing, away);
                if (away is JournalException { Failure: JournalFailure.Unfit })
                {
                    // The statistics and the health check say so, and every write does.
                    return;
                }
            }
        }
    }

    private byte[] Encode(TValue value)
    {
        try
        {
            return _parts.Codec.Encode(value);
        }
        catch (MillpondException refusal)
        {
            throw new NotJournaledException(refusal);
        }
    }

    private async Task<bool> OpenAsync()
    {
        Task<bool> opening;
        TaskCompletionSource<bool>? begins = null;
        lock (_gate)
        {
            // One that failed is tried again, unless it is unfit, which no second try changes.
            if (_opening is null || (_opening.IsFaulted && _opening.Exception.InnerException is not JournalException { Failure: JournalFailure.Unfit }))
            {
                begins = _parts.Surroundings.NewCompletion<bool>();
                _opening = begins.Task;
            }

            opening = _opening;
        }

        if (begins is not null)
        {
            await OpenOnceAsync(begins).ConfigureAwait(false);
        }

        return await _parts.Surroundings.Fork(opening).ConfigureAwait(false);
    }

    private async Task OpenOnceAsync(TaskCompletionSource<bool> opened)
    {
        try
        {
            await _parts.Journal.OpenAsync(_parts.FullName, CancellationToken.None).ConfigureAwait(false);
            _flusher.Start();
            opened.SetResult(true);
        }
        catch (Exception failure)
        {
            opened.SetException(failure);
        }
    }
}

/// <summary>Write-behind without its types.</summary>
internal interface IBehind : IWriteBehind, IAsyncDisposable
{
    Task StartAsync();
}

/// <summary>A write that the journal certainly did not take. What the caller is told is the inner exception.</summary>
internal sealed class NotJournaledException(MillpondException reason) : Exception(reason.Message, reason)
{
    public MillpondException Reason => reason;
}
