using Millpond.Journals;
using Millpond.Runtime;

namespace Millpond.Writing.Behind;

/// <summary>
/// Back-pressure: a write waits while the journal holds as much as it may, and is refused when it has waited long enough. What is on its way in is counted too, so that a crowd does not pass a limit that each of it still saw open.
/// </summary>
internal sealed class Admission(string keyspace, IWriteJournal journal, WriteBehindOptions options, Surroundings surroundings)
{
    // Where nobody tells that there is room again (another instance flushes), it is looked for so often.
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private TaskCompletionSource<bool>? _room;

    /// <summary>Returns when there is room, or throws MP1406.</summary>
    public async ValueTask EnterAsync(IReadOnlyList<JournalWrite> writes, CancellationToken cancellationToken)
    {
        if (HasRoom(writes))
        {
            return;
        }

        var until = surroundings.Now + options.FullWaitMax.Ticks;
        while (!HasRoom(writes))
        {
            var left = until - surroundings.Now;
            if (left <= 0)
            {
                throw Full();
            }

            Task<bool> room;
            lock (_gate)
            {
                room = (_room ??= surroundings.NewCompletion<bool>()).Task;
            }

            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(surroundings.Fork(room), surroundings.Delay(TimeSpan.FromTicks(Math.Min(left, LookPeriod.Ticks)), stop.Token)).ConfigureAwait(false);
            stop.Cancel();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Something was flushed.</summary>
    public void MayHaveRoom()
    {
        TaskCompletionSource<bool>? room;
        lock (_gate)
        {
            (room, _room) = (_room, null);
        }

        room?.TrySetResult(true);
    }

    private bool HasRoom(IReadOnlyList<JournalWrite> writes)
    {
        var depth = journal.Depth;
        if (depth.Records + writes.Count > options.PendingRecordsMax)
        {
            return false;
        }

        var bytes = depth.Bytes;
        for (var i = 0; i < writes.Count; i++)
        {
            bytes += Backlog.BytesOf(writes[i].Key, writes[i].Value);
        }

        return bytes <= options.PendingBytesMax;
    }

    private MillpondException Full()
    {
        var depth = journal.Depth;
        return new(
            ErrorCode.JournalFull,
            $"The journal of '{keyspace}' holds {depth.Records} records and {depth.Bytes} bytes that are not in the source ({depth.DeadLetters} dead letters), of the {options.PendingRecordsMax} (PendingRecordsMax) and "
            + $"{options.PendingBytesMax} (PendingBytesMax) that it may, and had no room for another within {options.FullWaitMax.TotalSeconds:0.###} s (FullWaitMax). Nothing was taken. Find out why the source does not keep up; write again later.")
        {
            Keyspace = keyspace,
        };
    }
}
