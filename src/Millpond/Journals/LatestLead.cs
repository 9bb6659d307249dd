using Millpond.Runtime;

namespace Millpond.Journals;

/// <summary>A lead under a lease, as its journal sees it.</summary>
internal interface ILeasedLead : IJournalLead
{
    /// <summary>Asks for it; false if somebody has it.</summary>
    Task<bool> TryTakeAsync(CancellationToken cancellationToken);

    /// <summary>Gives signs of life from here on.</summary>
    void Keep();

    /// <summary>Gives no more signs of life, and does not give it back.</summary>
    void Abandon();
}

/// <summary>The lead that one instance of a journal was given last, which ends with the instance.</summary>
internal sealed class LatestLead(Surroundings surroundings)
{
    private readonly string _instance = surroundings.NextNonce().ToString();
    private ILeasedLead? _lead;
    private int _leads;
    private int _isDisposed;

    /// <summary>The lead, if nobody has it.</summary>
    /// <param name="make">Makes one for a holder of this name, which no other has.</param>
    /// <param name="cancellationToken">Ends the ask.</param>
    public async ValueTask<IJournalLead?> TryTakeAsync(Func<string, ILeasedLead> make, CancellationToken cancellationToken)
    {
        var lead = make($"{_instance}/{Interlocked.Increment(ref _leads)}");
        if (!await lead.TryTakeAsync(cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        Volatile.Write(ref _lead, lead);
        if (Volatile.Read(ref _isDisposed) != 0)
        {
            await lead.DisposeAsync().ConfigureAwait(false);
            return null;
        }

        lead.Keep();
        return lead;
    }

    /// <summary>Gives it back, once, and ends the rest of the journal then.</summary>
    public async ValueTask EndAsync(Func<Task> rest)
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            if (Volatile.Read(ref _lead) is { } lead)
            {
                await lead.DisposeAsync().ConfigureAwait(false);
            }

            await rest().ConfigureAwait(false);
        }
    }

    /// <summary>Ends as a process that is killed: nothing is given back.</summary>
    public Task AbandonAsync(Func<Task> rest)
    {
        Volatile.Write(ref _isDisposed, 1);
        Volatile.Read(ref _lead)?.Abandon();
        return rest();
    }
}
