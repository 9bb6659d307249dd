namespace Millpond.Journals;

/// <summary>
/// What a journal keeps of records that are settled: who wrote what and when it reached the source, or that it never did.
/// </summary>
/// <remarks>
/// <para>What a trail promises; the conformance suite in Millpond.Testing judges it:</para>
/// <list type="number">
/// <item>A record that was acknowledged is in one of two: the journal (pending, or a dead letter), or the trail. The step that takes it out of the one puts it into the other, and an engine that dies in between has made the step, or has not. What was settled and forgotten again by such a death is
/// settled again, later.</item>
/// <item>Whoever has lost the lead puts nothing there and takes nothing away.</item>
/// <item>Records stand in the order in which they were settled, so those of one key in the order in which they were written (where the shared tier is away, what was flushed is settled when it is back, and a dead letter that is dealt with meanwhile comes before it). What is settled later has a higher place.</item>
/// <item>Past <see cref="TrailOptions.AgeMax"/> they are not read any more. Past <see cref="TrailOptions.BytesMax"/>, or where an engine's memory is full, the oldest go before that: a trail holds up neither an append nor a flush.</item>
/// <item>What a journal loses by a failure that it does not survive, the trail may lose too. Where it began, or was cut before its time, <see cref="TrailPage.CompleteSince"/> tells.</item>
/// </list>
/// </remarks>
public interface IJournalTrail
{
    /// <summary>How long it keeps what, as declared.</summary>
    TrailOptions Options { get; }

    /// <summary>Reads a page, the oldest first. Any process that has the journal open may.</summary>
    /// <param name="query">Which records.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="JournalException">It cannot be read now.</exception>
    ValueTask<TrailPage> ReadAsync(TrailQuery query, CancellationToken cancellationToken);
}

/// <summary>Which records of a trail somebody wants to see.</summary>
public sealed record TrailQuery
{
    private const int RecordsMost = 1_000;

    /// <summary>The text of the key whose records are wanted; null for all keys. Where the journal has no index (Redis, files) others are read over, so a page may have few records, or none, and there is more.</summary>
    public string? Key { get; init; }

    /// <summary>The earliest settlement; null for the oldest there is.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Settled before this; null for all up to now.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Go on after this place: <see cref="TrailPage.Next"/> of the page before.</summary>
    public TrailCursor? After { get; init; }

    /// <summary>How many records at most: 1 to 1,000. Default 100.</summary>
    public int RecordsMax { get; init; } = 100;

    /// <exception cref="ArgumentOutOfRangeException"><see cref="RecordsMax"/> is out of its range.</exception>
    internal TrailQuery Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(RecordsMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RecordsMax, RecordsMost);
        return this;
    }

    /// <summary>From where on records are wanted of which none is past its age.</summary>
    internal DateTimeOffset Since(TrailOptions options, DateTimeOffset now)
    {
        var since = now - DateTimeOffset.UnixEpoch > options.AgeMax ? now - options.AgeMax : DateTimeOffset.UnixEpoch;
        since = From > since ? From.Value : since;
        return After?.SettledAt > since ? After.Value.SettledAt : since;
    }

    /// <summary>Whether one is wanted, of those from <see cref="Since"/> on.</summary>
    internal bool Wants(TrailCursor cursor, string key) => !(cursor <= After) && !(cursor.SettledAt >= Until) && (Key is null || Key == key);
}

/// <summary>Some of a trail.</summary>
/// <param name="Records">The records, the oldest settlement first.</param>
/// <param name="Next">After which place to go on; null if there is nothing more now. To follow a trail, go on after the last record's <see cref="TrailRecord.Cursor"/>.</param>
/// <param name="CompleteSince">Everything settled after this and not past its age is in the trail; null if that is everything the journal ever settled.</param>
public sealed record TrailPage(IReadOnlyList<TrailRecord> Records, TrailCursor? Next, DateTimeOffset? CompleteSince);
