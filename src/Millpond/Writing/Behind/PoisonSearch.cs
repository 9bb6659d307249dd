using Millpond.Journals;
using Millpond.Sinks;

namespace Millpond.Writing.Behind;

/// <summary>
/// Tells a record that is poison from a source that is away, where the sink does not say which of its failures are refusals.
/// </summary>
/// <remarks>
/// <para>A failure says nothing of the record: the source may be down. What says something is that the source takes another record after it. So each time the record fails alone, the first record of another key behind it is applied, ahead of its turn. If that
/// is taken, one attempt counts; if it fails too, the source is away and the count begins anew. All but the last are made at once, and the last when the time is over. Where there is no other record nothing is proven, and nothing is put aside.</para>
/// <para>The record that goes ahead is the first of its key that is not applied yet, so the key's order is kept. It is acknowledged in its turn; this lead does not apply it again. Another one would, as it does with everything that a function was given and
/// that was not acknowledged.</para>
/// </remarks>
internal sealed class PoisonSearch<TKey, TValue>(BehindParts<TKey, TValue> parts, IJournalLead lead, SinkLead sinkLead, DeadLetterDesk<TKey, TValue> letters, FlushLog log)
    where TKey : notnull
{
    // How far behind the record another key is looked for.
    private const int ReachMax = 1_000;

    private readonly HashSet<long> _ahead = [];
    private long _suspect;
    private int _attempts;
    private long _since;

    /// <summary>Whether a record was applied ahead of its turn.</summary>
    public bool WasApplied(JournalRecord record) => _ahead.Contains(record.Position);

    /// <summary>Everything up to a position had its turn.</summary>
    public void Forget(long through) => _ahead.RemoveWhere(position => position <= through);

    /// <summary>A record failed alone. Why it is poison; null if that is not proven.</summary>
    public async ValueTask<string?> FailedAsync(JournalRecord record, Exception failure, CancellationToken cancellationToken)
    {
        var options = parts.Options;
        if (options.PoisonTimeMin == Timeout.InfiniteTimeSpan)
        {
            return null;
        }

        if (_suspect != record.Position)
        {
            (_suspect, _attempts, _since) = (record.Position, 0, parts.Surroundings.Now);
        }

        var time = TimeSpan.FromTicks(parts.Surroundings.Now - _since);
        if (_attempts < options.PoisonAttemptsMin - 1 || time >= options.PoisonTimeMin)
        {
            switch (await AskAnotherAsync(record, cancellationToken).ConfigureAwait(false))
            {
                case Answer.Taken:
                    _attempts++;
                    break;
                case Answer.Failed:
                    (_attempts, _since) = (0, parts.Surroundings.Now);
                    return null;
                case Answer.None:
                    return null;
            }
        }

        log.State(FlusherState.Failing, new InvalidOperationException(
            $"The record at position {record.Position} fails alone, and {_attempts} times (of {options.PoisonAttemptsMin}, PoisonAttemptsMin) in {time.TotalSeconds:0} s (of {options.PoisonTimeMin.TotalSeconds:0}, PoisonTimeMin) another one was taken after it: {failure.Message}", failure));
        return _attempts < options.PoisonAttemptsMin || time < options.PoisonTimeMin ? null
            : $"{failure.GetType().Name}: {failure.Message} (Not said to be a refusal; it failed alone for {time.TotalSeconds:0} s, and {_attempts} times another record was taken after it.)";
    }

    private async ValueTask<Answer> AskAnotherAsync(JournalRecord suspect, CancellationToken cancellationToken)
    {
        if (await FindAnotherAsync(suspect, cancellationToken).ConfigureAwait(false) is not { } other)
        {
            return Answer.None;
        }

        var beganAt = parts.Surroundings.Now;
        try
        {
            var batch = new SinkBatch<TKey, TValue> { Lead = sinkLead, Lane = "ahead", From = 0, Through = other.Record.Position, Items = Coalescing.Merge([other], parts.Rules) };
            await parts.Sink.ApplyAsync(batch, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return Answer.Failed;
        }

        _ahead.Add(other.Record.Position);
        log.Flushed(1, 1, parts.Surroundings.Now - beganAt);
        return Answer.Taken;
    }

    private async ValueTask<DecodedRecord<TKey, TValue>?> FindAnotherAsync(JournalRecord suspect, CancellationToken cancellationToken)
    {
        var passed = new HashSet<string>(StringComparer.Ordinal) { suspect.Key };
        foreach (var record in await lead.ReadAsync(suspect.Position, ReachMax, cancellationToken).ConfigureAwait(false))
        {
            if (_ahead.Contains(record.Position) || passed.Contains(record.Key) || letters.Has(record.Key))
            {
                continue;
            }

            try
            {
                return parts.Decode(record);
            }
            catch (UnreadableException)
            {
                // It goes to the dead letters in its turn, and what is behind it of its key too.
                passed.Add(record.Key);
            }
        }

        return null;
    }

    private enum Answer
    {
        None,
        Taken,
        Failed,
    }
}
