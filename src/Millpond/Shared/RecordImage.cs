namespace Millpond.Shared;

/// <summary>A whole record as an engine keeps it in one place: the guard and the value (rule 1).</summary>
/// <param name="Lease">The nonce of its lease; <see cref="Nonce.None"/> if nobody holds one.</param>
/// <param name="Purpose">What the lease is for.</param>
/// <param name="LeasedIn">The incarnation in which the lease was granted.</param>
/// <param name="Value">The value half; null while there is only a lease.</param>
/// <param name="AfterChange"><see cref="AfterInvalidation.Stale"/> if a change left the value in place as a stale one.</param>
public readonly record struct RecordImage(
    Nonce Lease, LeasePurpose Purpose, Incarnation LeasedIn, SharedRecord? Value, AfterInvalidation AfterChange = AfterInvalidation.Gone)
{
    /// <summary>Whether a change left the value in place as a stale one.</summary>
    public bool IsInvalidated => Value is not null && AfterChange == AfterInvalidation.Stale;
}
