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

    /// <summary>Gives it back; false if that, or <see cref="Abandon"/>, was done before.</summary>
    public async ValueTask<bool> EndAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return false;
        }

        if (Volatile.Read(ref _lead) is { } lead)
        {
            await lead.DisposeAsync().ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Leaves it as a process that is killed does.</summary>
    public void Abandon()
    {
        Volatile.Write(ref _isDisposed, 1);
        Volatile.Read(ref _lead)?.Abandon();
    }
}
