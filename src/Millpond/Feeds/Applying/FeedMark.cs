using System.Globalization;
using System.Text;
using Millpond.Shared;

namespace Millpond.Feeds.Applying;

/// <summary>What the shared tier keeps of a feed.</summary>
/// <param name="Partitions">Every partition that the feed's rules touch.</param>
/// <param name="IsWatermark">Whether the record's age says as of when every change had been told.</param>
/// <param name="Position">Up to where the feed may have been confirmed; null if that is not known.</param>
/// <param name="History">The source's history that the position belongs to.</param>
/// <param name="Home">What the home database had committed up to here had been told under the sequences named; null if that is not known.</param>
/// <param name="Shown">What it had committed up to here is shown by the source to every read that begins now; never behind <paramref name="Home"/>.</param>
/// <remarks>One line of text for itself and one for each partition, so that people can read it too.</remarks>
internal sealed record FeedMark(IReadOnlyList<MarkedPartition> Partitions, bool IsWatermark, FeedPosition? Position, string? History, HomePosition? Home = null, HomePosition? Shown = null)
{
    private const string Format = "2";
    private const char Between = '\t';

    public byte[] ToBytes()
    {
        var text = new StringBuilder();
        var position = Position is { } at ? string.Create(CultureInfo.InvariantCulture, $"{at.Major}-{at.Minor}") : "";
        text.AppendJoin(Between, Format, IsWatermark ? "watermark" : "lives", position, Uri.EscapeDataString(History ?? ""), $"{Home}", $"{Shown}");
        foreach (var one in Partitions)
        {
            text.Append('\n').Append(one.Id.Keyspace).Append(Between).Append(CultureInfo.InvariantCulture, $"{one.Id.Index}{Between}{one.Incarnation}{Between}{one.Sequence}");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Null for what no feed wrote, or one of another format: as good as none.</summary>
    public static FeedMark? Read(ReadOnlySpan<byte> bytes)
    {
        var lines = Encoding.UTF8.GetString(bytes).Split('\n');
        var head = lines[0].Split(Between);
        if (head.Length != 6 || head[0] != Format)
        {
            return null;
        }

        MarkedPartition?[] partitions = [.. lines.Skip(1).Select(ReadPartition)];
        var history = Uri.UnescapeDataString(head[3]);
        return Array.Exists(partitions, one => one is null)
            ? null
            : new FeedMark([.. partitions.Select(one => one!.Value)], head[1] == "watermark", ReadPosition(head[2]), history.Length == 0 ? null : history, HomePosition.Read(head[4]), HomePosition.Read(head[5]));
    }

    private static FeedPosition? ReadPosition(string text) =>
        text.Split('-') is [var first, var second] && ulong.TryParse(first, CultureInfo.InvariantCulture, out var major) && ulong.TryParse(second, CultureInfo.InvariantCulture, out var minor)
            ? new FeedPosition(major, minor)
            : null;

    private static MarkedPartition? ReadPartition(string line) =>
        line.Split(Between) is [var keyspace, var number, { Length: 32 } life, var told]
        && int.TryParse(number, CultureInfo.InvariantCulture, out var index) && long.TryParse(told, CultureInfo.InvariantCulture, out var sequence)
        && ulong.TryParse(life.AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var high)
        && ulong.TryParse(life.AsSpan(16), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var low)
            ? new(new PartitionId(keyspace, index), new Incarnation(high, low), sequence)
            : null;
}
