namespace Millpond.Sessions;

/// <summary>Why a read of a session, or one with a bound in a region whose database is a replica, is refused.</summary>
internal static class RegionFaults
{
    public static MillpondException Behind(string keyspace, IReadOnlyList<HomePosition> wanted, TimeSpan waited) => new(
        ErrorCode.RegionBehind,
        $"Keyspace '{keyspace}' has not come as far in this region as the session has seen ({string.Join(", ", wanted)}), and did not within BehindWaitMax ({waited.TotalSeconds:0.###} s). "
        + "Wait longer, let the read ask the home database (WhenBehind.AskHome), or read without the session; the feed's lag says how far the region is behind.")
    {
        Keyspace = keyspace,
    };

    public static MillpondException TooStale(string keyspace, TimeSpan? accepted, TimeSpan waited) => new(
        ErrorCode.TooStale,
        $"Nothing proves that the replica which keyspace '{keyspace}' loads from is younger than the {accepted?.TotalSeconds:0.###} s this read accepts, and nothing did within BehindWaitMax ({waited.TotalSeconds:0.###} s). "
        + "Accept an older value, or let the read ask the home database (WhenBehind.AskHome).")
    {
        Keyspace = keyspace,
    };

    public static MillpondException NoHomeLoader(string keyspace, MillpondException refused) => new(
        refused.Code,
        $"{refused.Message} The read would ask the home database, but keyspace '{keyspace}' declares no LoadFromHome.",
        refused)
    {
        Keyspace = keyspace,
    };

    public static MillpondException NoPositions(string keyspace) => new(
        ErrorCode.PositionUnknown,
        $"Keyspace '{keyspace}' cannot keep sessions: no change feed that follows it says where its database stands. Follow its tables from the database's log (AddPostgresFeed), or read without a session.")
    {
        Keyspace = keyspace,
    };

    public static MillpondException Journaled(string keyspace) => new(
        ErrorCode.PositionUnknown,
        $"Keyspace '{keyspace}' cannot keep sessions: its writes are journaled, and have no place in the database's history until they are flushed. Read without a session.")
    {
        Keyspace = keyspace,
    };

    public static MillpondException NotTold(string keyspace, string feed, Exception failure) => new(
        ErrorCode.PositionUnknown,
        $"The database of feed '{feed}' did not say where it stands, so a session cannot be told what it has seen of keyspace '{keyspace}'. See the inner exception; read without the session where that matters less than an answer.",
        failure)
    {
        Keyspace = keyspace,
    };
}
