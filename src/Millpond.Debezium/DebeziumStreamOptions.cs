using System.Buffers;
using Millpond.Resp;

namespace Millpond.Debezium;

/// <summary>How the Redis Streams that Debezium Server writes are followed.</summary>
public sealed record DebeziumStreamOptions : DebeziumOptions
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:");

    /// <summary>The server with the streams: Redis 7 or Valkey, so that messages that are gone are noticed; 6.2 otherwise. Required.</summary>
    public RespOptions? Redis { get; init; }

    /// <summary>The streams, one for each topic of Debezium's: <c>shop.public.products</c>. Required.</summary>
    public IReadOnlyList<string> Streams { get; init; } = [];

    /// <summary>The consumer group, made if it is not there; one for each feed. Default: <c>millpond-</c> and the feed's name.</summary>
    public string? Group { get; init; }

    /// <summary>How often the streams are looked at. Default 10 milliseconds; from 1 millisecond to 1 second.</summary>
    public TimeSpan PollPeriod { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>After how long without a word from this process another instance takes over. Default 5 seconds; from 1 second to 1 minute.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What becomes of messages that were applied. Default: they stay, for other readers, and somebody else trims the streams.</summary>
    public AppliedMessages Applied { get; init; } = AppliedMessages.Kept;

    internal override void Check(string feed, ICollection<string> faults)
    {
        base.Check(feed, faults);
        var place = $"change feed '{feed}'";
        if (Redis is null)
        {
            faults.Add($"{place} has no server. Give that which Debezium Server writes to.");
        }

        if (Streams.Count is 0 or > 1_000 || Streams.Any(string.IsNullOrWhiteSpace) || Streams.Distinct(StringComparer.Ordinal).Count() != Streams.Count)
        {
            faults.Add($"{place} names {Streams.Count} streams; give 1 to 1,000, each once, as Debezium calls its topics: 'shop.public.products'.");
        }

        if (Group is not null && (Group.Length is 0 or > 100 || Group.AsSpan().IndexOfAnyExcept(NameCharacters) >= 0))
        {
            faults.Add($"{place} names the group '{Group}'. Use 1 to 100 letters, digits, dots, colons, dashes and underscores.");
        }

        if (PollPeriod < TimeSpan.FromMilliseconds(1) || PollPeriod > TimeSpan.FromSeconds(1))
        {
            faults.Add($"{place} has {nameof(PollPeriod)} {PollPeriod}; give 1 millisecond to 1 second.");
        }

        if (SilenceMax < TimeSpan.FromSeconds(1) || SilenceMax > TimeSpan.FromMinutes(1))
        {
            faults.Add($"{place} has {nameof(SilenceMax)} {SilenceMax}; give 1 second to 1 minute.");
        }
    }
}

/// <summary>What becomes of a stream's messages that were applied.</summary>
public enum AppliedMessages
{
    /// <summary>They stay where they are.</summary>
    Kept,

    /// <summary>They are deleted: for streams that nobody else reads.</summary>
    Deleted,
}
