using System.Globalization;

namespace Millpond.Journals;

/// <summary>What became of a record in the end.</summary>
public enum Settlement
{
    /// <summary>It is in the source, or merged into what is.</summary>
    Applied = 1,

    /// <summary>It was a dead letter, was tried again, and is in the source now.</summary>
    Retried = 2,

    /// <summary>It was a dead letter and was given up: the source never had it.</summary>
    Discarded = 3,
}

/// <summary>A record that is settled, as a journal's trail keeps it.</summary>
/// <param name="Record">The record as it was acknowledged.</param>
/// <param name="Settlement">What became of it.</param>
/// <param name="SettledAt">When the journal was told so, by the journal's own clock. Never before that of a record that was settled earlier.</param>
/// <param name="Reason">Why it was a dead letter; empty if it was none.</param>
public sealed record TrailRecord(JournalRecord Record, Settlement Settlement, DateTimeOffset SettledAt, string Reason)
{
    /// <summary>Its place in the trail, to go on from.</summary>
    public TrailCursor Cursor => new(SettledAt, Record.Position);
}

/// <summary>A place in a trail: what is settled later has a higher one, so whoever goes on after a place misses nothing.</summary>
/// <param name="SettledAt">When what stands there was settled.</param>
/// <param name="Position">Its position in the journal.</param>
public readonly record struct TrailCursor(DateTimeOffset SettledAt, long Position) : IComparable<TrailCursor>
{
    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cursor">The cursor.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string? text, out TrailCursor cursor)
    {
        cursor = default;
        var dash = text?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        if (dash < 0
            || !long.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            || ticks > DateTimeOffset.MaxValue.UtcTicks
            || !long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var position))
        {
            return false;
        }

        cursor = new(new DateTimeOffset(ticks, TimeSpan.Zero), position);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(TrailCursor other) => SettledAt == other.SettledAt ? Position.CompareTo(other.Position) : SettledAt.CompareTo(other.SettledAt);

    /// <summary>The cursor as text, for a link or a command line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{SettledAt.UtcTicks}-{Position}");

    /// <summary>Whether one comes before another.</summary>
    public static bool operator <(TrailCursor left, TrailCursor right) => left.CompareTo(right) < 0;

    /// <summary>Whether one comes after another.</summary>
    public static bool operator >(TrailCursor left, TrailCursor right) => left.CompareTo(right) > 0;

    /// <summary>Whether one does not come after another.</summary>
    public static bool operator <=(TrailCursor left, TrailCursor right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one does not come before another.</summary>
    public static bool operator >=(TrailCursor left, TrailCursor right) => left.CompareTo(right) >= 0;
}
