using System.Runtime.CompilerServices;
using Millpond.Journals;
using Millpond.Sinks;

namespace Millpond.Writing.Behind;

/// <summary>
/// The dead letters of one lead: which keys have some, putting records there, and what people do with them. A retry goes to a lane of the key's own in the sink's ledger, since its positions are behind those of the keyspace; so a retry
/// whose answer was lost is applied once too.
/// </summary>
internal sealed class DeadLetterDesk<TKey, TValue>(BehindParts<TKey, TValue> parts, IJournalLead lead, SinkLead sinkLead, FlushLog log, Admission admission)
    where TKey : notnull
{
    // As many as one answer of a journal brings without being felt by others.
    private const int PageSize = 500;

    private readonly Dictionary<string, int> _lettersOf = new(StringComparer.Ordinal);

    public bool IsFull => parts.Journal.Depth.DeadLetters >= parts.Options.DeadLettersMax;

    public bool Has(string key) => _lettersOf.ContainsKey(key);

    public async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        await foreach (var page in PagesAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var letter in page)
            {
                Count(letter.Record.Key, 1);
            }
        }
    }

    public async ValueTask BuryAsync(JournalRecord record, string reason, CancellationToken cancellationToken)
    {
        await lead.BuryAsync([record], reason, cancellationToken).ConfigureAwait(false);
        Count(record.Key, 1);
        log.Buried(1, reason);
    }

    /// <summary>Tries a key's dead letters again, or all keys' in turn; tells how many are in the source now and gone from here.</summary>
    public async ValueTask<int> RetryAsync(string? key, CancellationToken cancellationToken)
    {
        // Of a key whose letters stay, no later page is tried: they are in order.
        var (done, failures, staying) = (0, 0, new HashSet<string>(StringComparer.Ordinal));
        await foreach (var page in PagesAsync(cancellationToken).ConfigureAwait(false))
        {
            // A step that changes nothing and is made by whoever leads alone: so these are letters of the journal that the lead is of, and their positions mean to the ledger what they say.
            await lead.AcknowledgeAsync(lead.Acknowledged, cancellationToken).ConfigureAwait(false);
            foreach (var ofKey in page.Where(letter => key is null || letter.Record.Key == key).GroupBy(letter => letter.Record.Key).Where(ofKey => !staying.Contains(ofKey.Key)).ToArray())
            {
                try
                {
                    var isRetried = await IsRetriedAsync(ofKey.Key, [.. ofKey.Select(letter => letter.Record)], cancellationToken).ConfigureAwait(false);
                    done += isRetried ? ofKey.Count() : 0;
                    failures = 0;
                    if (!isRetried)
                    {
                        staying.Add(ofKey.Key);
                    }
                }
                catch (Exception failure) when (parts.Sink is DelegateSink<TKey, TValue> && failure is not (SinkException or MillpondException) && !cancellationToken.IsCancellationRequested
                    && key is null && ++failures < parts.Options.PoisonAttemptsMin)
                {
                    // It may be this key's fault alone. So many in a row are the source's.
                    staying.Add(ofKey.Key);
                }
            }
        }

        return done;
    }

    public async ValueTask<int> DiscardAsync(string key, long through, CancellationToken cancellationToken)
    {
        var (seen, last) = (0, 0L);
        await foreach (var page in PagesAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var letter in page.Where(letter => letter.Record.Key == key && letter.Record.Position <= through))
            {
                (seen, last) = (seen + 1, letter.Record.Position);
            }
        }

        if (seen > 0)
        {
            await RemoveAsync(key, last, seen, Settlement.Discarded, cancellationToken).ConfigureAwait(false);
            await IsToldAsync(key).ConfigureAwait(false);
        }

        return seen;
    }

    private async ValueTask<bool> IsRetriedAsync(string key, IReadOnlyList<JournalRecord> records, CancellationToken cancellationToken)
    {
        var lane = $"key:{key}";
        var applied = await parts.Sink.TakeOverAsync(sinkLead, lane, cancellationToken).ConfigureAwait(false);
        var open = records.Where(record => record.Position > applied).ToArray();
        if (open.Length > 0)
        {
            try
            {
                var items = Coalescing.Merge(open.Select(parts.Decode), parts.Rules);
                await parts.Sink.ApplyAsync(new() { Lead = sinkLead, Lane = lane, From = applied, Through = open[^1].Position, Items = items }, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception refusal) when (refusal is SinkException { Failure: SinkFailure.Refused } or UnreadableException)
            {
                return false;
            }
        }

        if (parts.AnnouncesFlushes && !await IsToldAsync(key).ConfigureAwait(false))
        {
            // As with what is flushed: the letters are what speaks for this value if we die before the shared tier is back. The next retry finds them applied.
            return false;
        }

        await RemoveAsync(key, records[^1].Position, records.Count, Settlement.Retried, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async ValueTask RemoveAsync(string key, long through, int letters, Settlement settlement, CancellationToken cancellationToken)
    {
        await lead.RemoveAsync(key, through, settlement, cancellationToken).ConfigureAwait(false);
        Count(key, -letters);
        admission.MayHaveRoom();
    }

    /// <summary>As long as a key has letters, what is written for it later waits behind them.</summary>
    private void Count(string key, int letters)
    {
        var left = _lettersOf.GetValueOrDefault(key) + letters;
        if (left > 0)
        {
            _lettersOf[key] = left;
        }
        else
        {
            _lettersOf.Remove(key);
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<DeadLetter>> PagesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long after = 0;
        while (true)
        {
            var page = await parts.Journal.ReadDeadLettersAsync(after, PageSize, cancellationToken).ConfigureAwait(false);
            yield return page;
            if (page.Count < PageSize)
            {
                yield break;
            }

            after = page[^1].Record.Position;
        }
    }

    /// <summary>Tells of a key; whether that has been heard, and not put off.</summary>
    private async ValueTask<bool> IsToldAsync(string text)
    {
        var deferred = new HashSet<Task<bool>>();
        if (parts.Announce is { } announce && parts.Naming.TryRead(text, out var key))
        {
            await announce([key], deferred).ConfigureAwait(false);
        }

        return deferred.Count == 0;
    }
}
