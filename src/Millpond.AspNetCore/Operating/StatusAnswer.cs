using System.Text.Json.Serialization;

namespace Millpond.AspNetCore.Operating;

/// <summary>How a cache stands, for people and their tools.</summary>
/// <param name="Health">Healthy or Degraded, of all caches in the process.</param>
/// <param name="Reasons">Why.</param>
/// <param name="Statistics">The figures of the cache that was asked.</param>
internal sealed record StatusAnswer(string Health, string Reasons, CacheStatistics Statistics);

/// <summary>Some dead letters, without their values.</summary>
/// <param name="Letters">By position, the oldest first.</param>
/// <param name="Next">After which position the next ones are to be asked for; null if there are none.</param>
internal sealed record DeadLettersAnswer(IReadOnlyList<DeadLetterLine> Letters, long? Next);

/// <summary>One of them.</summary>
/// <param name="Position">Its place in the journal.</param>
/// <param name="Key">The key's text.</param>
/// <param name="Kind">Set, Delete or Increment.</param>
/// <param name="Delta">By how much, for an increment.</param>
/// <param name="ValueBytes">How large the value is that would be set.</param>
/// <param name="WrittenAt">When it was acknowledged.</param>
/// <param name="Reason">What the source said.</param>
internal sealed record DeadLetterLine(long Position, string Key, string Kind, long Delta, int ValueBytes, DateTimeOffset WrittenAt, string Reason);

/// <summary>Which dead letters are to be tried again: those of a key, or all.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed class RetryAsk
{
    public string? Key { get; set; }

    public bool All { get; set; }
}

/// <summary>What a retry came to.</summary>
/// <param name="Written">How many are in the source now.</param>
/// <param name="Left">How many of those that were asked for are still dead letters.</param>
internal sealed record RetryAnswer(int Written, int Left);

/// <summary>Which dead letters are given up: a key's, as far as somebody has seen them.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed class DiscardAsk
{
    [JsonRequired]
    public string Key { get; set; } = "";

    [JsonRequired]
    public long Through { get; set; }
}

/// <summary>What that came to.</summary>
/// <param name="Discarded">How many were given up.</param>
/// <param name="Left">How many of the key are left, written later.</param>
internal sealed record DiscardAnswer(int Discarded, int Left);
