namespace Millpond.Local;

/// <summary>
/// Whether a candidate takes the place of what would go for it: if it was asked for more often lately, as the sketch has it. Looks up two counts, and for a candidate
/// that is larger than its victim up to <see cref="AggregatedMax"/> more.
/// </summary>
internal sealed class Admission(SlotNodes nodes, FrequencySketch sketch)
{
    /// <summary>How many victims a large candidate is compared with together.</summary>
    public const int AggregatedMax = 8;

    /// <remarks>
    /// A candidate that is larger must outweigh all that it pushes out together; a smaller one is compared by hits per byte, which on a block trace with
    /// sizes gives 1.5 points of object hit ratio for 0.2 of byte hit ratio. Ties keep what is there: nothing is gained by a change, and
    /// admitting half of them costs a loop nine tenths of its hits. In a loop all keys are equally frequent, and each that has just been asked for is one
    /// ahead of those whose turn comes next; so while the window is idle one ahead is a tie.
    /// </remarks>
    public bool Wins<TSlots>(int candidate, int victim, bool windowIsIdle, ref TSlots slots)
        where TSlots : struct, ISlots
    {
        long ahead = sketch.Estimate(slots.HashOf(candidate)) - (windowIsIdle ? 1 : 0);
        long behind = sketch.Estimate(slots.HashOf(victim));
        long weight = nodes[candidate].Weight;
        long freed = nodes[victim].Weight;
        if (freed >= weight)
        {
            return ahead * freed > behind * weight;
        }

        for (var looked = 0; freed < weight && looked < AggregatedMax && ahead > behind; looked++)
        {
            victim = nodes[victim].Newer;
            if (victim == SlotQueue.None)
            {
                break;
            }

            behind += sketch.Estimate(slots.HashOf(victim));
            freed += nodes[victim].Weight;
        }

        return ahead > behind;
    }
}
