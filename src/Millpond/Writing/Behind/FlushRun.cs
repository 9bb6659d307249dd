using Millpond.Journals;
using Millpond.Sinks;

namespace Millpond.Writing.Behind;

/// <summary>
/// One lead's work: takes records in order, brings together what can be, applies them, acknowledges.
/// </summary>
/// <remarks>
/// <para>One batch is under way at a time, and each begins where the sink's ledger stands. So a key's writes are applied in order (A53), a batch whose outcome is unknown is asked for and not guessed, and what another lead applied
/// meanwhile is seen (A56).</para>
/// <para>A batch that the sink refuses is halved until the record that it will not take stands alone. That one goes to the dead letters before anything behind it is applied, and so does all that comes for its key later: the key's order is
/// kept, and others go on (A58). A failure of any other kind says nothing of the records, and is tried again for ever: nothing is put aside because a database is away. Where the sink is a function, which need not say what it refuses, such a
/// batch is halved too, and what fails alone while others are taken is sought out (<see cref="PoisonSearch{TKey, TValue}"/>).</para>
/// <para>Such a failure ends the lead, but where the sink is a function, which has ended when it throws. The batch may still be on its way, and may arrive when its record has been put aside meanwhile: it would be in the source, and among the letters that are
/// brought there once more. The token of the next lead keeps it out.</para>
/// </remarks>
internal sealed class FlushRun<TKey, TValue>(
    BehindParts<TKey, TValue> parts, IJournalLead lead, FlushLog log, Admission admission, FlushPause pause, BatchSize size, FlushCommands<TKey, TValue> commands)
    where TKey : notnull
{
    private readonly SinkLead _sinkLead = new(parts.FullName, lead.Identity, lead.Token);
    private readonly Untold<TKey, TValue> _untold = new(parts, lead, log, admission);
    private PoisonSearch<TKey, TValue>? _poison;
    private TaskCompletionSource<bool> _wake = parts.Surroundings.NewCompletion<bool>();

    /// <summary>Up to where records are applied or buried.</summary>
    private long _position;

    /// <summary>Where the sink's ledger stands; below <see cref="_position"/> by what was buried last.</summary>
    private long _applied;

    /// <summary>What this lead does with dead letters.</summary>
    public DeadLetterDesk<TKey, TValue> Letters { get; } = new(parts, lead, new SinkLead(parts.FullName, lead.Identity, lead.Token), log, admission);

    private PoisonSearch<TKey, TValue> Poison => _poison ??= new(parts, lead, _sinkLead, Letters, log);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await TakeOverAsync(cancellationToken).ConfigureAwait(false);
        await Letters.LookAsync(cancellationToken).ConfigureAwait(false);
        commands.Leads(() => Volatile.Read(ref _wake).TrySetResult(true));
        log.State(FlusherState.Flushing, null);
        var isFull = false;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await commands.RunAllAsync(this, cancellationToken).ConfigureAwait(false);
            await _untold.SettleAsync(cancellationToken).ConfigureAwait(false);
            if (!isFull)
            {
                await GatherAsync(cancellationToken).ConfigureAwait(false);
            }

            var recordsMax = size.Records;
            var records = await lead.ReadAsync(_position, recordsMax, cancellationToken).ConfigureAwait(false);
            isFull = records.Count == recordsMax;
            if (records.Count > 0)
            {
                await FlushAsync(records, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask TakeOverAsync(CancellationToken cancellationToken)
    {
        _applied = await parts.Sink.TakeOverAsync(_sinkLead, "", cancellationToken).ConfigureAwait(false);
        _position = Math.Max(Math.Max(_position, lead.Acknowledged), _applied);
        await _untold.AppliedBeforeAsync(_applied, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits for a record, and then for others to come with it.</summary>
    private async ValueTask GatherAsync(CancellationToken cancellationToken)
    {
        var wake = parts.Surroundings.NewCompletion<bool>();
        Volatile.Write(ref _wake, wake);
        if (commands.HasAny)
        {
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var others = OthersAsync(stop.Token);
        await Task.WhenAny(others, wake.Task, _untold.Next).ConfigureAwait(false);
        stop.Cancel();
        try
        {
            await others.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Woken by a command, by somebody in a hurry, or because news was told.
        }
    }

    private async Task OthersAsync(CancellationToken cancellationToken)
    {
        await lead.WaitAsync(_position, cancellationToken).ConfigureAwait(false);
        if (parts.Options.FlushDelay > TimeSpan.Zero && !commands.Hurries)
        {
            await parts.Surroundings.Delay(parts.Options.FlushDelay, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask FlushAsync(IReadOnlyList<JournalRecord> records, CancellationToken cancellationToken)
    {
        var (live, ahead) = await SortAsync(records, cancellationToken).ConfigureAwait(false);
        var through = records[^1].Position;
        if (live.Count == 0)
        {
            await AdvanceAsync(records, ahead, ahead.Count, cancellationToken).ConfigureAwait(false);
            return;
        }

        var batch = new SinkBatch<TKey, TValue> { Lead = _sinkLead, Lane = "", From = _applied, Through = through, Items = Coalescing.Merge(live, parts.Rules) };
        var beganAt = parts.Surroundings.Now;
        try
        {
            await parts.Sink.ApplyAsync(batch, cancellationToken).ConfigureAwait(false);
        }
        catch (SinkException refusal) when (refusal.Failure == SinkFailure.Refused)
        {
            await FindRefusedAsync(live, records, ahead, refusal, cancellationToken).ConfigureAwait(false);
            return;
        }
        catch (Exception failure) when (failure is not SinkException && parts.Sink is DelegateSink<TKey, TValue> && !cancellationToken.IsCancellationRequested)
        {
            log.State(FlusherState.Failing, failure);
            if (await IsPoisonAsync(live, failure, cancellationToken).ConfigureAwait(false))
            {
                await AdvanceAsync(records, ahead, ahead.Count, cancellationToken).ConfigureAwait(false);
                return;
            }

            await parts.Surroundings.Delay(pause.Next(), cancellationToken).ConfigureAwait(false);
            await TakeOverAsync(cancellationToken).ConfigureAwait(false);
            return;
        }
        catch
        {
            // The lead was over before it, or is now.
            size.DidNotEnd(live.Count);
            throw;
        }

        pause.Succeeded();
        _applied = through;
        size.Ended();
        await AdvanceAsync(records, [.. ahead, .. batch.Items.Select(item => item.Key)], ahead.Count + live.Count, cancellationToken).ConfigureAwait(false);
        log.Flushed(live.Count, batch.Items.Count, parts.Surroundings.Now - beganAt);
        log.State(FlusherState.Flushing, null);
    }

    /// <summary>What is to be applied of records, and the keys of what was ahead of its turn; the rest is buried.</summary>
    private async ValueTask<(List<DecodedRecord<TKey, TValue>> Live, List<TKey> Ahead)> SortAsync(IReadOnlyList<JournalRecord> records, CancellationToken cancellationToken)
    {
        var (live, ahead) = (new List<DecodedRecord<TKey, TValue>>(records.Count), new List<TKey>());
        foreach (var record in records)
        {
            if (_poison?.WasApplied(record) == true)
            {
                ahead.Add(parts.Decode(record).Key);
                continue;
            }

            if (Letters.Has(record.Key) && parts.Rules.WaitsBehindDeadLetters)
            {
                await BuryAsync(record, "waits behind a dead letter of its key", cancellationToken).ConfigureAwait(false);
                continue;
            }

            try
            {
                live.Add(parts.Decode(record));
            }
            catch (UnreadableException unreadable)
            {
                // What came before it for its key is in this batch, and what comes later will wait behind it.
                await BuryAsync(record, unreadable.Message, cancellationToken).ConfigureAwait(false);
            }
        }

        return (live, ahead);
    }

    /// <summary>A failure that nobody classified: whether it is one record's, which is buried then.</summary>
    private async ValueTask<bool> IsPoisonAsync(List<DecodedRecord<TKey, TValue>> live, Exception failure, CancellationToken cancellationToken)
    {
        if (live.Count > 1)
        {
            size.WasRefused(live.Count);
            return false;
        }

        if (await Poison.FailedAsync(live[0].Record, failure, cancellationToken).ConfigureAwait(false) is not { } reason)
        {
            return false;
        }

        await BuryAsync(live[0].Record, reason, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async ValueTask FindRefusedAsync(
        List<DecodedRecord<TKey, TValue>> live, IReadOnlyList<JournalRecord> records, List<TKey> ahead, SinkException refusal, CancellationToken cancellationToken)
    {
        if (live.Count > 1)
        {
            size.WasRefused(live.Count);
            return;
        }

        await BuryAsync(live[0].Record, refusal.Message, cancellationToken).ConfigureAwait(false);
        await AdvanceAsync(records, ahead, ahead.Count, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask BuryAsync(JournalRecord record, string reason, CancellationToken cancellationToken)
    {
        while (Letters.IsFull)
        {
            log.State(FlusherState.Failing, new InvalidOperationException(
                $"There are {parts.Options.DeadLettersMax} dead letters (DeadLettersMax), and another record cannot be flushed: {reason}. Nothing behind it is flushed before some are retried or discarded."));
            await parts.Surroundings.Delay(pause.Next(), cancellationToken).ConfigureAwait(false);
            await commands.RunAllAsync(this, cancellationToken).ConfigureAwait(false);
        }

        await Letters.BuryAsync(record, reason, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask AdvanceAsync(IReadOnlyList<JournalRecord> records, IReadOnlyCollection<TKey> changed, int applied, CancellationToken cancellationToken)
    {
        _position = records[^1].Position;
        _poison?.Forget(_position);
        return _untold.AddAsync(records[^1], changed, applied, cancellationToken);
    }
}
