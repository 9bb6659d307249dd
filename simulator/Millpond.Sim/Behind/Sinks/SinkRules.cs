namespace Millpond.Sim.Behind.Sinks;

/// <summary>What the simulated database's ledger decides, so that deliberate bugs can break one decision at a time.</summary>
internal class SinkRules
{
    public static SinkRules Sound { get; } = new();

    /// <summary>What a flusher that takes over is told is applied.</summary>
    public virtual long Told(long ledger) => ledger;

    /// <summary>Whether a batch follows on what is applied.</summary>
    public virtual bool Follows(long ledger, long from) => ledger == from;

    /// <summary>Whether who brings a batch, or takes over, is the newest who did.</summary>
    public virtual bool MayWrite(long token, long newest) => token >= newest;
}
