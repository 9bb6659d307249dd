using System.Globalization;
using Microsoft.AspNetCore.Http;
using Millpond.Journals;

namespace Millpond.AspNetCore.Operating;

/// <summary>What the journal of a keyspace that writes behind keeps of what is settled. Values stay where they are.</summary>
internal sealed class TrailEndpoint(BehindAsks asks)
{
    public Task ReadAsync(HttpContext context) => asks.AnswerAsync(context, async (behind, _) =>
    {
        var query = new TrailQuery
        {
            Key = context.Request.Query["key"].ToString() is { Length: > 0 } key ? key : null,
            From = Time(context, "from"),
            Until = Time(context, "until"),
            After = After(context),
            RecordsMax = BehindAsks.PageSize(context),
        };
        var page = await behind.ReadTrailAsync(query, context.RequestAborted).ConfigureAwait(false);
        await Wire.AnswerAsync(context, new TrailAnswer([.. page.Records.Select(Line)], page.Next?.ToString(), page.CompleteSince), Wire.Default.TrailAnswer).ConfigureAwait(false);
    });

    private static TrailLine Line(TrailRecord one) => new(
        one.Record.Position, one.Record.Key, one.Record.Kind.ToString(), one.Record.Delta, one.Record.Value.Length, one.Record.WrittenAt, one.Settlement.ToString(), one.SettledAt, one.Reason);

    private static TrailCursor? After(HttpContext context) => context.Request.Query["after"].ToString() switch
    {
        "" => null,
        var text when TrailCursor.TryParse(text, out var cursor) => cursor,
        _ => throw new RequestException("'after' is what a page before said is 'next'."),
    };

    private static DateTimeOffset? Time(HttpContext context, string name) => context.Request.Query[name].ToString() switch
    {
        "" => null,
        var text when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time,
        _ => throw new RequestException($"'{name}' is a time such as 2026-01-31T12:00:00Z."),
    };
}

/// <summary>Some of a trail, without values.</summary>
/// <param name="Records">The oldest settlement first.</param>
/// <param name="Next">After what the next ones are to be asked for; null if there are none now.</param>
/// <param name="CompleteSince">Since when everything is there that is not past its age; null if that is all the journal ever settled.</param>
internal sealed record TrailAnswer(IReadOnlyList<TrailLine> Records, string? Next, DateTimeOffset? CompleteSince);

/// <summary>One record of it.</summary>
/// <param name="Position">Its place in the journal.</param>
/// <param name="Key">The key's text.</param>
/// <param name="Kind">Set, Delete or Increment.</param>
/// <param name="Delta">By how much, for an increment.</param>
/// <param name="ValueBytes">How large the value was that was set.</param>
/// <param name="WrittenAt">When it was acknowledged, by the writer's clock.</param>
/// <param name="Settlement">Applied, Retried or Discarded.</param>
/// <param name="SettledAt">When, by the journal's clock.</param>
/// <param name="Reason">Why it was a dead letter; empty if it was none.</param>
internal sealed record TrailLine(long Position, string Key, string Kind, long Delta, int ValueBytes, DateTimeOffset WrittenAt, string Settlement, DateTimeOffset SettledAt, string Reason);
