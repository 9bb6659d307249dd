using System.Globalization;
using System.Text;

namespace Millpond;

/// <summary>What one tier has for a key.</summary>
public sealed record TierExplanation
{
    /// <summary>In words: absent, fresh, stale and why, negative, unreadable.</summary>
    public required string State { get; init; }

    /// <summary>Whether there is anything, fresh or not.</summary>
    public bool Holds { get; init; }

    /// <summary>Why it is not fresh; <see cref="StaleReason.None"/> if it is or if there is nothing.</summary>
    public StaleReason Stale { get; init; }

    /// <summary>The time since the value's load began.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>How much longer it is fresh; negative if it is not any more.</summary>
    public TimeSpan FreshFor { get; init; }

    /// <summary>How much longer it may be kept at all.</summary>
    public TimeSpan KeptFor { get; init; }

    /// <summary>From when on a hit may renew it ahead of time, from now; negative if that has begun.</summary>
    public TimeSpan RenewsIn { get; init; }

    /// <summary>The sequence that its loader saw before the load.</summary>
    public long Stamp { get; init; }

    /// <summary>The sequence it is proven valid as of.</summary>
    public long ValidAsOf { get; init; }

    /// <summary>Its tags and tenant.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The source's own name for this state, if it gave one.</summary>
    public string? SourceVersion { get; init; }

    /// <summary>About how many bytes it takes.</summary>
    public long Bytes { get; init; }
}

/// <summary>Where one key stands, and why. <see cref="ToString"/> reads as a paragraph.</summary>
public sealed record Explanation
{
    /// <summary>The keyspace.</summary>
    public required string Keyspace { get; init; }

    /// <summary>The key's text in the shared tier.</summary>
    public required string Key { get; init; }

    /// <summary>This process's local tier.</summary>
    public required TierExplanation Local { get; init; }

    /// <summary>The shared tier.</summary>
    public required TierExplanation Shared { get; init; }

    /// <summary>Whether this process is fetching or loading the key now.</summary>
    public bool InFlight { get; init; }

    /// <summary>Whether a change of the key waits to be told to the shared tier.</summary>
    public bool ChangeWaits { get; init; }

    /// <summary>The life of the shared tier as this process knows it.</summary>
    public required string Incarnation { get; init; }

    /// <summary>The newest change of the key's partition that this process has heard.</summary>
    public long Sequence { get; init; }

    /// <summary>The newest change of a tag, a tenant or the keyspace that this process knows.</summary>
    public long NewestFloor { get; init; }

    /// <summary>Whether the push channel is trusted now.</summary>
    public bool ChannelTrusted { get; init; }

    /// <summary>What the next read will do, in words.</summary>
    public required string NextRead { get; init; }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Key {Key} of keyspace {Keyspace}. ");
        Append(text, "Local tier", Local);
        Append(text, "Shared tier", Shared);
        text.Append(CultureInfo.InvariantCulture, $"The partition is in incarnation {Incarnation} at sequence {Sequence}, its newest floor is {NewestFloor}, ");
        text.Append(ChannelTrusted ? "and its push channel is trusted. " : "and its push channel is silent, so nothing held counts as fresh. ");
        text.Append(InFlight ? "A flight for the key is under way. " : "").Append(ChangeWaits ? "A change of the key waits for the shared tier. " : "");
        return text.Append("The next read ").Append(NextRead).Append('.').ToString();
    }

    private static void Append(StringBuilder text, string tier, TierExplanation its)
    {
        text.Append(CultureInfo.InvariantCulture, $"{tier}: {its.State}");
        if (its.Holds)
        {
            text.Append(CultureInfo.InvariantCulture, $", {Say(its.Age)} old, ");
            text.Append(CultureInfo.InvariantCulture, $"{(its.FreshFor > TimeSpan.Zero ? $"fresh for another {Say(its.FreshFor)}" : $"not fresh for {Say(-its.FreshFor)}")}, ");
            text.Append(CultureInfo.InvariantCulture, $"kept for another {Say(its.KeptFor)}, stamp {its.Stamp}, valid as of {its.ValidAsOf}");
            text.Append(its.Scopes.Count > 0 ? $", scopes {string.Join(' ', its.Scopes)}" : "");
        }

        text.Append(". ");
    }

    private static string Say(TimeSpan time) => time switch
    {
        { TotalMilliseconds: < 1000 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0.#} min"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0} days"),
    };
}
