using Millpond.Journals;
using Millpond.Resp;
using Millpond.Runtime;

namespace Millpond.Redis.Journals;

/// <summary>Waits for records on a connection of its own, where a blocked read holds up nobody. One caller at a time.</summary>
internal sealed class RecordWatch(RedisJournal journal, Surroundings surroundings) : IAsyncDisposable
{
    // A read that is blocked answers well within a command's time, and before its connection is taken for dead.
    private const int BlocksOfTimeout = 4;

    private static readonly TimeSpan BlockMax = TimeSpan.FromMilliseconds(500);

    private RespSession? _session;

    // Of a caller who no longer waits: the next one takes it over, since what comes after it on the connection waits for it.
    private Task<RespValue>? _blocked;

    public async ValueTask WaitAsync(long after, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                _blocked ??= await BlockAsync(after).ConfigureAwait(false);
                var found = await surroundings.WaitAsync(_blocked, cancellationToken).ConfigureAwait(false);
                _blocked = null;
                if (!found.IsNull)
                {
                    return;
                }
            }
            catch (RespException failure)
            {
                _blocked = null;
                await DisposeAsync().ConfigureAwait(false);
                throw new JournalException(JournalFailure.Refused, $"The wait for records of the journal failed: {failure.Message}", failure);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _session, null) is { } session)
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<Task<RespValue>> BlockAsync(long after)
    {
        if (_session is null or { IsConnected: false })
        {
            await DisposeAsync().ConfigureAwait(false);
            _session = await journal.ConnectAsync().ConfigureAwait(false);
        }

        var longest = journal.CommandTimeout / BlocksOfTimeout < BlockMax ? journal.CommandTimeout / BlocksOfTimeout : BlockMax;
        var command = new RespCommand("XREAD", "COUNT", 1, "BLOCK", (long)longest.TotalMilliseconds, "STREAMS", journal.Keys.Records, $"{after}-{ulong.MaxValue}") { Slot = journal.Keys.Slot };
        return _session.SendAsync<RespCommand, RespValue>(command).AsTask();
    }
}
