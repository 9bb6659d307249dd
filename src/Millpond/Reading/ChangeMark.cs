using Millpond.Shared;

namespace Millpond.Reading;

/// <summary>
/// The newest change of a key heard during a flight or a write. Sequences of two lives of the shared tier cannot be compared, so a change of one life speaks
/// against whatever belongs to another.
/// </summary>
/// <param name="Sequence">Its number; 0 if none was heard, <see cref="long.MaxValue"/> if it speaks against everything.</param>
/// <param name="Incarnation">The life the number belongs to.</param>
internal readonly record struct ChangeMark(long Sequence, Incarnation Incarnation)
{
    public static ChangeMark OfEverything { get; } = new(long.MaxValue, default);

    /// <summary>This mark and another change.</summary>
    public ChangeMark With(long sequence, Incarnation incarnation) =>
        Sequence == 0 ? new(sequence, incarnation)
        : sequence == long.MaxValue || In(incarnation) == long.MaxValue ? OfEverything
        : new(Math.Max(Sequence, sequence), incarnation);

    /// <summary>The mark as a number of this life.</summary>
    public long In(Incarnation incarnation) => Sequence == 0 || Incarnation == incarnation ? Sequence : long.MaxValue;
}
