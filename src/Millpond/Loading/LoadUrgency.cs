namespace Millpond.Loading;

/// <summary>
/// What has a load ahead of demand go to its source as a caller's, from the moment in which a caller wants what it brings: whoever joins the flight of a key that is being warmed up waits no longer than for a load of
/// his own. One for each key that is warmed up; everything in it is guarded by the guard's gate.
/// </summary>
internal sealed class LoadUrgency(SourceGuard guard)
{
    /// <summary>Whether a caller has come.</summary>
    public bool IsRaised { get; set; }

    /// <summary>The load for this key that waits, or has waited, for a place.</summary>
    public WaitingLoad? Load { get; set; }

    /// <summary>A caller has come. May be called under a stripe: the gate is a leaf.</summary>
    public void Raise() => guard.Raise(this);
}
