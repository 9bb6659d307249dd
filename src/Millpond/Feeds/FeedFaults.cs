using System.Globalization;

namespace Millpond.Feeds;

/// <summary>What every feed says of a database that it cannot follow.</summary>
internal static class FeedFaults
{
    public static MillpondException Unfit(string feed, IReadOnlyList<string> faults, Exception? inner = null) => new(
        ErrorCode.FeedUnfit,
        string.Create(CultureInfo.InvariantCulture, $"change feed '{feed}' cannot follow its database as that is set up ({faults.Count} {(faults.Count == 1 ? "fault" : "faults")}):{string.Concat(faults.Select(fault => "\n  - " + fault))}"),
        inner);
}
