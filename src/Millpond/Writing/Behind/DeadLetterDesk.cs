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
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    public bool IsFull => parts.Journal.Depth.DeadLetters >= parts.Options.DeadLettersMax;

    public bool Has(string key) => _keys.Contains(key);

    public async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        foreach (var letter in await AllAsync(cancellationToken).ConfigureAwait(false))
        {
            _keys.Add(letter.Record.Key);
        }
    }

    public async ValueTask BuryAsync(JournalRecord record, string reason, CancellationToken cancellationToken)
    {
        await lead.BuryAsync([record], reason, cancellationToken).ConfigureAwait(false);
        _keys.Add(record.Key);
        log.Buried(1, reason);
    }

    /// <summary>Tries a key's dead letters again, or all keys' in turn; tells how many are in the source now and gone from here.</summary>
    public async ValueTask<int> RetryAsync(string? key, CancellationToken cancellationToken)
    {
        var letters = await AllAsync(cancellationToken).ConfigureAwait(false);

        // A step that changes nothing and is made by whoever leads alone: so these are letters of the journal that the lead is of, and their positions mean to the ledger what they say.
        await lead.AcknowledgeAsync(lead.Acknowledged, cancellationToken).ConfigureAwait(false);
        var done = 0;
        foreach (var ofKey in letters.Where(letter => key is null || letter.Record.Key == key).GroupBy(letter => letter.Record.Key).ToArray())
        {
            done += await RetryKeyAsync(ofKey.Key, [.. ofKey.Select(letter => letter.Record)], cancellationToken).ConfigureAwait(false);
        }

        return done;
    }

    public async ValueTask<int> DiscardAsync(string key, long through, CancellationToken cancellationToken)
    {
        var letters = await AllAsync(cancellationToken).ConfigureAwait(false);
        var ofKey = letters.Where(letter => letter.Record.Key == key).ToArray();
        var seen = ofKey.Where(letter => letter.Record.Position <= through).ToArray();
        if (seen.Length > 0)
        {
            await RemoveAsync(key, seen[^1].Record.Position, Settlement.Discarded, cancellationToken).ConfigureAwait(false);
            if (seen.Length < ofKey.Length)
            {
                // What is left still holds up what is written later.
                _keys.Add(key);
            }

            await IsToldAsync(key).ConfigureAwait(false);
        }

        return seen.Length;
    }

    private async ValueTask<int> RetryKeyAsync(string key, IReadOnlyList<JournalRecord> records, CancellationToken cancellationToken)
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
                return 0;
            }
        }

        if (parts.AnnouncesFlushes && !await IsToldAsync(key).ConfigureAwait(false))
        {
            // As with what is flushed: the letters are what speaks for this value if we die before the shared tier is back. The next retry finds them applied.
            return 0;
        }

        await RemoveAsync(key, records[^1].Position, Settlement.Retried, cancellationToken).ConfigureAwait(false);
        return records.Count;
    }

    private async ValueTask RemoveAsync(string key, long through, Settlement settlement, CancellationToken cancellationToken)
    {
        await lead.RemoveAsync(key, through, settlement, cancellationToken).ConfigureAwait(false);
        _keys.Remove(key);
        admission.MayHaveRoom();
    }

    private ValueTask<IReadOnlyList<DeadLetter>> AllAsync(CancellationToken cancellationToken) => parts.Journal.ReadDeadLettersAsync(int.MaxValue, cancellationToken);

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
