using System.Globalization;

namespace Millpond;

/// <summary>
/// A place in the history of a home database: the one that is written to, which regions follow. Two of the same database can be compared, in whichever region they came to be known.
/// </summary>
/// <param name="System">Which database: a number that it was given when it was made, and that its copies made by restoring or by physical replication share.</param>
/// <param name="Timeline">Which of its histories: one more after each failover or restore. What a failover took back is in no later one, so a later timeline has come further than any place on an earlier one.</param>
/// <param name="Place">Where on the timeline.</param>
public readonly record struct HomePosition(ulong System, uint Timeline, ulong Place)
{
    /// <summary>Whether somebody who has come this far has come as far as another place; false where it is another database's.</summary>
    /// <param name="other">The other place.</param>
    public bool Reaches(HomePosition other) => System == other.System && (Timeline != other.Timeline ? Timeline > other.Timeline : Place >= other.Place);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{System:x}/{Timeline}/{Place}");

    /// <summary>What <see cref="ToString"/> wrote; null for anything else.</summary>
    internal static HomePosition? Read(string text) =>
        text.Split('/') is [var first, var second, var third]
        && ulong.TryParse(first, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var system)
        && uint.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var timeline)
        && ulong.TryParse(third, NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            ? new HomePosition(system, timeline, place)
            : null;
}
