using System.Globalization;
using Millpond.Journals;
using Millpond.Resp;

namespace Millpond.Redis.Journals;

/// <summary>How a journal stood when a step had been made on it.</summary>
/// <param name="Status">What became of the step, in the script's word.</param>
/// <param name="Identity">Names the journal; empty if there is none.</param>
/// <param name="Last">The highest position that was given or skipped.</param>
/// <param name="Acknowledged">Up to where is flushed.</param>
/// <param name="Token">The newest lead's.</param>
/// <param name="Depth">What it holds.</param>
/// <param name="Keyspace">Whose it is.</param>
internal sealed record JournalStand(string Status, string Identity, long Last, long Acknowledged, long Token, JournalDepth Depth, string Keyspace)
{
    public static JournalStand None { get; } = new("none", "", 0, 0, 0, new JournalDepth { Records = 0, Bytes = 0, OldestAt = null, DeadLetters = 0 }, "");

    /// <summary>Whether the step found the journal as this process knew it.</summary>
    public bool IsKnown => Status is not ("none" or "older");

    /// <summary>What a step tells beside: opening, where the copy ended from which positions were skipped; an append, how many bytes of the trail made room for it.</summary>
    public long Beside { get; private init; }

    public static JournalStand Of(RespValue reply)
    {
        var items = reply.Items;
        return new JournalStand(items[0].Text!, items[1].Text!, Number(items[2]), Number(items[3]), Number(items[4]), new JournalDepth
        {
            Records = items[5].Integer,
            Bytes = Number(items[6]),
            OldestAt = items[7].Bytes.IsEmpty ? null : DateTimeOffset.FromUnixTimeMilliseconds(Number(items[7])),
            DeadLetters = items[8].Integer,
        }, items[9].Text!) { Beside = items.Count > 10 ? Number(items[10]) : 0 };
    }

    private static long Number(RespValue text) => long.Parse(text.Bytes.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
