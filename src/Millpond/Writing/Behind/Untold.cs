using Millpond.Journals;

namespace Millpond.Writing.Behind;

/// <summary>
/// What one lead has brought to the source, until the shared tier has been told of it: then it is acknowledged, and not before. A change that the tier cannot be told waits in this process's memory, and dies with it; its records are still in the journal then,
/// so whoever leads next tells of them.
/// </summary>
/// <remarks>
/// Records that wait here are right answers still: what a reader finds pending is what the source has. They take room though, and a tier that is away must not stop writes. So once the journal is half full they are acknowledged all the same, and the news
/// is as safe as that of any other write: it is told unless this process dies before the tier is back.
/// </remarks>
internal sealed class Untold<TKey, TValue>(BehindParts<TKey, TValue> parts, IJournalLead lead, FlushLog log, Admission admission)
    where TKey : notnull
{
    private readonly Task _never = new TaskCompletionSource().Task;
    private readonly Queue<News> _waiting = new();

    /// <summary>Up to where news is told, or waits here.</summary>
    private long _through = lead.Acknowledged;
    private DateTimeOffset _newestAt;
    private long _records;

    /// <summary>Completes when the first that waits has been told.</summary>
    public Task Next => _waiting.TryPeek(out var first) ? first.Told : _never;

    private bool IsCrowded
    {
        get
        {
            var depth = parts.Journal.Depth;
            return depth.Records > parts.Options.PendingRecordsMax / 2 || depth.Bytes > parts.Options.PendingBytesMax / 2;
        }
    }

    /// <summary>Tells of keys whose newest records the source has, and acknowledges up to <paramref name="last"/> when that has been heard.</summary>
    public async ValueTask AddAsync(JournalRecord last, IReadOnlyCollection<TKey> changed, int records, CancellationToken cancellationToken)
    {
        _waiting.Enqueue(new News(last.Position, records, await TellAsync(changed).ConfigureAwait(false)));
        (_through, _newestAt, _records) = (last.Position, last.WrittenAt, _records + records);
        await SettleAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Acknowledges what has been told meanwhile.</summary>
    public async ValueTask SettleAsync(CancellationToken cancellationToken)
    {
        News? settled = null;
        while (_waiting.TryPeek(out var first) && (first.Told.IsCompletedSuccessfully || IsCrowded))
        {
            settled = _waiting.Dequeue();
            _records -= settled.Records;
        }

        log.Untold(_records, _newestAt);
        if (settled is not null)
        {
            await lead.AcknowledgeAsync(settled.Through, cancellationToken).ConfigureAwait(false);
            admission.MayHaveRoom();
        }
    }

    /// <summary>The ledger says that the source has more than was told of: whoever applied it may have died before it said so.</summary>
    public async ValueTask AppliedBeforeAsync(long applied, CancellationToken cancellationToken)
    {
        while (_through < applied)
        {
            var read = await lead.ReadAsync(_through, parts.Options.BatchRecordsMax, cancellationToken).ConfigureAwait(false);
            JournalRecord[] records = [.. read.TakeWhile(record => record.Position <= applied)];
            if (records.Length == 0)
            {
                // Buried, all that is left, or gone with an older copy: nothing to tell, and behind what waits all the same.
                _waiting.Enqueue(new News(applied, 0, Task.CompletedTask));
                _through = applied;
                await SettleAsync(cancellationToken).ConfigureAwait(false);
                return;
            }

            var keys = new HashSet<TKey>();
            foreach (var record in records)
            {
                if (parts.Naming.TryRead(record.Key, out var key))
                {
                    keys.Add(key);
                }
            }

            await AddAsync(records[^1], keys, records.Length, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<Task> TellAsync(IReadOnlyCollection<TKey> changed)
    {
        if (!parts.AnnouncesFlushes || changed.Count == 0)
        {
            return Task.CompletedTask;
        }

        var deferred = new HashSet<Task<bool>>();
        await parts.Announce!(changed, deferred).ConfigureAwait(false);
        return Task.WhenAll(deferred);
    }

    private sealed record News(long Through, int Records, Task Told);
}
