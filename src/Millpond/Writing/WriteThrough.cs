using Millpond.Events;
using Millpond.Journals;
using Millpond.Keyspaces;
using Millpond.Writing.Behind;

namespace Millpond.Writing;

/// <summary>
/// The write road of a keyspace that knows how its source is written: ticket, source, then the new value into the tiers or the key's change.
/// </summary>
/// <remarks>
/// <para>The ticket comes before the source, so that no load that began before the commit is kept after it, and of two writers of one key only the one that began last may leave
/// its value; the other's ticket changes the key. The cache being away fails no write: a ticket without a lease ends in a change, told when it can be.</para>
/// <para>A writer that threw, or was late, leaves it open whether its commit has arrived or will (A15). The key is changed at once, again when the writer has really ended, and once
/// more when whatever was still on its way must have arrived (<see cref="UnknownWrites{TKey, TValue}"/>).</para>
/// </remarks>
/// <remarks>Where writes are journaled, the journal's append stands in the writer's place; all else is the same.</remarks>
internal sealed class WriteThrough<TKey, TValue>(KeyspaceCore<TKey, TValue> core, WriteRoad<TKey, TValue> road, UnknownWrites<TKey, TValue> unknown, Writer<TKey, TValue>? writer)
    where TKey : notnull
{
    public async ValueTask<WriteResult<TValue>> WriteAsync(WriteContext<TKey, TValue> wish, EntryOptions? options, CancellationToken cancellationToken)
    {
        core.ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        if (writer is null)
        {
            throw WriteFailures.NoWriter(core.Name);
        }

        var ticket = await road.BeginAsync(wish.Key, cancellationToken).ConfigureAwait(false);
        var begun = core.Listener.OnWriteBegins(new WriteBegins(core.Name, wish.Kind));
        var beganAt = core.Surroundings.Now;
        WriteResult<TValue> result;
        try
        {
            result = await WriteSourceAsync(wish, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            core.Counters.WriteFailures.Add();
            core.Listener.OnWriteEnded(new WriteEnded(core.Name, wish.Kind, null, core.Surroundings.Now - beganAt, failure), begun);
            await EndAsync(ticket, failure is NotJournaledException ? WriteResultKind.NotWritten : null).ConfigureAwait(false);
            if (failure is NotJournaledException { Reason: var reason })
            {
                throw reason;
            }

            throw;
        }

        core.Counters.Writes.Add();
        core.Listener.OnWriteEnded(new WriteEnded(core.Name, wish.Kind, result.Kind, core.Surroundings.Now - beganAt, null), begun);
        await KeepAsync(ticket, wish, result, options).ConfigureAwait(false);
        return result;
    }

    /// <summary>Ends a ticket without a value: with a change, unless certainly nothing was written.</summary>
    private ValueTask EndAsync(WriteTicket<TValue> ticket, WriteResultKind? result) =>
        core.Rules.MayHaveWritten(result) ? ticket.DisposeAsync() : ticket.ReleaseAsync();

    /// <summary>Calls the writer for as long as it may take. Whatever ends this with an exception leaves the outcome open, and says so to <see cref="UnknownWrites{TKey, TValue}"/>.</summary>
    private async ValueTask<WriteResult<TValue>> WriteSourceAsync(WriteContext<TKey, TValue> wish, CancellationToken cancellationToken)
    {
        var limit = core.Policy.Options.WriteTimeout;
        using var timeout = new CancellationTokenSource(limit, core.Surroundings.Time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken, core.Lifetime);
        var write = CallAsync(writer!, wish, ended.Token);
        try
        {
            return await core.Surroundings.WaitAsync(write, ended.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not NotJournaledException)
        {
            unknown.Add(wish.Key, write);
            if (core.IsDisposed)
            {
                throw core.Disposed();
            }

            cancellationToken.ThrowIfCancellationRequested();
            throw timeout.IsCancellationRequested && failure is OperationCanceledException ? WriteFailures.TimedOut(core.Name, limit) : failure is JournalException ? failure : WriteFailures.Threw(core.Name, failure);
        }
    }

    /// <summary>The writer as a task, also where it throws before its first wait.</summary>
    private static async Task<WriteResult<TValue>> CallAsync(Writer<TKey, TValue> writer, WriteContext<TKey, TValue> wish, CancellationToken cancellationToken) =>
        await writer(wish, cancellationToken).ConfigureAwait(false);

    /// <summary>Puts the outcome into the tiers. The write is committed, so nothing here may fail it.</summary>
    private async ValueTask KeepAsync(WriteTicket<TValue> ticket, WriteContext<TKey, TValue> wish, WriteResult<TValue> result, EntryOptions? options)
    {
        if (result.Kind == WriteResultKind.NotWritten || wish.Kind == WriteKind.Delete || result.Value is null)
        {
            await EndAsync(ticket, result.Kind).ConfigureAwait(false);
            return;
        }

        try
        {
            await ticket.SetAsync(result.Value, options).ConfigureAwait(false);
        }
        catch (MillpondException fault) when (!core.IsDisposed)
        {
            // Too large, or not encodable: the ticket has changed the key instead.
            core.Listener.On(new ValueNotStored(core.Name, fault));
        }
    }
}
