using System.Text;
using Millpond.Journals;
using Millpond.Runtime;
using Npgsql;
using NpgsqlTypes;

namespace Millpond.Postgres.Journals;

/// <summary>Records that somebody wants appended.</summary>
/// <param name="Writes">The records; none to have the journal found, and nothing else.</param>
/// <param name="Bytes">Those of keys and values.</param>
/// <param name="Done">Told the last position, or why not.</param>
internal sealed record AppendAsk(IReadOnlyList<JournalWrite> Writes, long Bytes, TaskCompletionSource<long> Done);

/// <summary>
/// Appends on one connection. Whoever comes while a commit is under way waits for the next one, and all who wait share it: one statement, one commit. It is taken whole or not at all, and so is each append in it.
/// </summary>
internal sealed class AppendLane(JournalOpening opening, JournalTable table, Surroundings surroundings) : IAsyncDisposable
{
    private const int AsksMax = 1_000;
    private const long BytesMax = 4 << 20;

    // One finds the journal anew where it is not what was known.
    private const int AttemptsMax = 3;

    private readonly GroupQueue<AppendAsk> _asks = new(surroundings, AsksMax, BytesMax, ask => ask.Bytes);

    // Of whoever runs.
    private OpenedJournal? _opened;
    private bool _isWarned;
    private string _keyspace = "";
    private JournalStand _stand = JournalStand.None;

    /// <summary>How the journal stood when this process heard of it last.</summary>
    public JournalStand Stand => Volatile.Read(ref _stand);

    /// <summary>Takes over what a step was told, unless a later one has been heard of: whoever waits for all to be flushed must not be let go, or kept, by old news. A server that has made fewer steps than were known when it was asked has lost some in a
    /// crash, and what it says now is the truth.</summary>
    /// <param name="stand">How the journal stands.</param>
    /// <param name="asked">What was known before it was asked.</param>
    public void Heard(JournalStand stand, JournalStand asked)
    {
        var hasLost = asked.Identity == stand.Identity && stand.Step < asked.Step;
        JournalStand known;
        do
        {
            known = Stand;
            if (known.Identity == stand.Identity && known.Step >= stand.Step && !(hasLost && known.Step >= asked.Step))
            {
                return;
            }
        }
        while (Interlocked.CompareExchange(ref _stand, stand, known) != known);
    }

    public async Task OpenAsync(string keyspace, CancellationToken stop)
    {
        _keyspace = keyspace;
        await PrepareAsync(stop).ConfigureAwait(false);
    }

    /// <summary>Has records appended; with none, has the journal found on the server that is there now.</summary>
    public Task<long> AppendAsync(IReadOnlyList<JournalWrite> writes)
    {
        // Copied: whoever no longer waits has his bytes back before they are sent.
        JournalWrite[] own = [.. writes.Select(write => write with { Value = write.Value.ToArray() })];
        var ask = new AppendAsk(own, own.Sum(write => (long)Encoding.UTF8.GetByteCount(write.Key) + write.Value.Length), surroundings.NewCompletion<long>());
        _asks.Add(ask, RunAsync);
        return ask.Done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _asks.CloseAsync().ConfigureAwait(false);
        await ForgetAsync().ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        while (await _asks.TakeNextAsync().ConfigureAwait(false) is { } asks)
        {
            try
            {
                var last = await AppendAsync(asks).ConfigureAwait(false);
                foreach (var ask in Enumerable.Reverse(asks))
                {
                    ask.Done.TrySetResult(last);
                    last -= ask.Writes.Count;
                }
            }
            catch (Exception failure)
            {
                await ForgetAsync().ConfigureAwait(false);
                var told = failure as JournalException ?? new JournalException(JournalFailure.OutcomeUnknown, $"An append to the journal in {table.Name} threw {failure.GetType().Name}: {failure.Message}", failure);
                asks.ForEach(ask => ask.Done.TrySetException(told));
            }
        }
    }

    private async Task<long> AppendAsync(List<AppendAsk> asks)
    {
        JournalWrite[] writes = [.. asks.SelectMany(ask => ask.Writes)];
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            OpenedJournal opened;
            try
            {
                opened = await PrepareAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (JournalException unfit)
            {
                throw new JournalException(JournalFailure.Refused, unfit.Message, unfit);
            }

            if (writes.Length == 0)
            {
                return _stand.Last;
            }

            var asked = Stand;
            if (await TryAppendAsync(opened, writes, asks.Sum(ask => ask.Bytes)).ConfigureAwait(false) is { } stand)
            {
                Heard(stand, asked);
                return stand.Last;
            }

            await ForgetAsync().ConfigureAwait(false);
        }

        throw new JournalException(JournalFailure.Refused, $"The journal in {table.Name} is not what this process knows of it, however often it is looked for. Nothing was taken.");
    }

    private async Task<JournalStand?> TryAppendAsync(OpenedJournal opened, JournalWrite[] writes, long bytes)
    {
        using var command = new NpgsqlCommand(table.Append, opened.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = (long)writes.Length });
        command.Parameters.Add(new NpgsqlParameter { Value = bytes });
        command.Parameters.Add(new NpgsqlParameter { Value = opened.History });
        command.Parameters.Add(new NpgsqlParameter { Value = _stand.Last });
        command.Parameters.Add(new NpgsqlParameter { Value = surroundings.Time.GetUtcNow().UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter { Value = Array.ConvertAll(writes, write => (short)write.Kind), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Smallint });
        command.Parameters.Add(new NpgsqlParameter { Value = Array.ConvertAll(writes, write => write.Key), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = Array.ConvertAll(writes, write => write.Value), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        command.Parameters.Add(new NpgsqlParameter { Value = Array.ConvertAll(writes, write => write.Delta), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        try
        {
            JournalStand? stand = null;
            var row = await command.ExecuteReaderAsync().ConfigureAwait(false);
            await using (row.ConfigureAwait(false))
            {
                while (await row.ReadAsync().ConfigureAwait(false))
                {
                    stand = JournalStand.Of(row);
                }
            }

            // A wait for standbys that was cut short ends as a success with a warning.
            return !_isWarned ? stand : throw new JournalException(JournalFailure.OutcomeUnknown, $"The database has the write to {table.Name}, and warned that a standby may not: it is flushed unless the primary is lost before.");
        }
        catch (NpgsqlException failure)
        {
            throw JournalFaults.Of(table.Name, failure);
        }
    }

    private async Task<OpenedJournal> PrepareAsync(CancellationToken stop)
    {
        if (_opened is { Connection.FullState: System.Data.ConnectionState.Open } open)
        {
            return open;
        }

        await ForgetAsync().ConfigureAwait(false);
        try
        {
            var asked = Stand;
            var opened = await opening.OpenAsync(_keyspace, asked, stop).ConfigureAwait(false);
            _isWarned = false;
            opened.Connection.Notice += (_, told) => _isWarned |= told.Notice.InvariantSeverity == "WARNING";
            Heard(opened.Stand, asked);
            return _opened = opened;
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            throw JournalFaults.Away(table.Name, failure);
        }
    }

    private async Task ForgetAsync()
    {
        var opened = _opened;
        _opened = null;
        if (opened is not null)
        {
            await opened.Connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
