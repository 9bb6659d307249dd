using System.Globalization;
using Millpond.Journals;
using Millpond.Resp;

namespace Millpond.Redis.Journals;

/// <summary>The trail of a journal on Redis: a stream, read as it stands by any process. trail.lua writes it.</summary>
internal sealed class RedisTrail(RedisJournal journal, TrailOptions options, TimeProvider time) : IJournalTrail
{
    // The engine answers them in about a millisecond.
    private const int EntriesAtOnce = 200;

    // A page that finds nothing ends after so many, with a place to go on from.
    private const int EntriesMax = 5_000;

    public TrailOptions Options => options;

    public async ValueTask<TrailPage> ReadAsync(TrailQuery query, CancellationToken cancellationToken)
    {
        query = query.Checked();
        var (from, to) = (First(query), query.Until is { } until ? Text(Up(until) - 1) : "+");
        var found = new List<TrailRecord>();
        TrailCursor? looked = null;
        for (var entries = 0; entries < EntriesMax && found.Count <= query.RecordsMax;)
        {
            var count = query.Key is null ? Math.Min(EntriesAtOnce, query.RecordsMax + 1 - found.Count) : EntriesAtOnce;
            var command = new RespCommand("XRANGE", journal.Keys.Trail, from, to, "COUNT", count) { Traits = RespTraits.Idempotent | RespTraits.Large };
            TrailRecord[] read = [.. (await journal.LookAsync(command, cancellationToken).ConfigureAwait(false)).Items.Select(StoredRecords.OfTrail)];
            found.AddRange(read.Where(one => query.Wants(one.Cursor, one.Record.Key)));
            looked = read.Length < count ? null : read[^1].Cursor;
            if (looked is not { } last)
            {
                break;
            }

            (entries, from) = (entries + read.Length, After(last));
        }

        // Asked last: what was cut while the entries were read is told too.
        var since = await journal.LookAsync(new RespCommand("HGET", journal.Keys.State, "since") { Traits = RespTraits.Idempotent }, cancellationToken).ConfigureAwait(false);
        var page = found.GetRange(0, Math.Min(found.Count, query.RecordsMax));
        return new TrailPage(page, page.Count < found.Count ? page[^1].Cursor : looked, since.IsNull ? time.GetUtcNow() : DateTimeOffset.FromUnixTimeMilliseconds(since.Integer));
    }

    private string First(TrailQuery query)
    {
        var since = query.Since(options, time.GetUtcNow());
        return query.After is { } after && after.SettledAt == since ? After(after) : Text(Up(since));
    }

    private static string After(TrailCursor cursor) =>
        cursor.Position == long.MaxValue ? Text(cursor.SettledAt.ToUnixTimeMilliseconds() + 1) : $"{Text(cursor.SettledAt.ToUnixTimeMilliseconds())}-{Text(cursor.Position + 1)}";

    private static long Up(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(TimeSpan.TicksPerMillisecond - 1)).Ticks / TimeSpan.TicksPerMillisecond;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
