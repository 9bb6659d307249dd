namespace Millpond.Local;

/// <summary>
/// What the policy asks the table about a slot, under the shard's lock. Implemented as a struct and passed by reference, so that the calls compile away.
/// </summary>
internal interface ISlots
{
    /// <summary>
    /// Whether the slot was hit since this was last asked, and forgets it. One bit is enough: on our traces counting hits up to three or seven in the slot
    /// moved the mean hit ratio by less than 0.1 of a point, and not upwards.
    /// </summary>
    bool TakeHit(int slot);

    /// <summary>The hash that the slot's entry was added under.</summary>
    uint HashOf(int slot);
}
