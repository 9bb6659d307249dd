using Microsoft.AspNetCore.Http;
using Millpond.Journals;

namespace Millpond.AspNetCore.Operating;

/// <summary>What people do with what the source of a keyspace that writes behind refused. Values stay where they are.</summary>
internal sealed class DeadLetterEndpoints(BehindAsks asks)
{
    public Task ListAsync(HttpContext context) => asks.AnswerAsync(context, async (behind, _) =>
    {
        var after = BehindAsks.Number(context, "after", 0, long.MaxValue) ?? 0;
        var max = BehindAsks.PageSize(context);

        // One more tells whether there are any.
        var letters = await behind.DeadLettersAsync(after, max + 1, context.RequestAborted).ConfigureAwait(false);
        DeadLetterLine[] page = [.. letters.Take(max).Select(Line)];
        await Wire.AnswerAsync(context, new DeadLettersAnswer(page, letters.Count > max ? page[^1].Position : null), Wire.Default.DeadLettersAnswer).ConfigureAwait(false);
    });

    public Task RetryAsync(HttpContext context) => asks.AnswerAsync(context, async (behind, body) =>
    {
        var ask = Wire.Read(context.Request, body, Wire.Default.RetryAsk);
        if (ask.All == ask.Key is not null)
        {
            throw new RequestException("Name a key, or say 'all'; one of them.");
        }

        var written = await behind.RetryDeadLettersAsync(ask.Key, context.RequestAborted).ConfigureAwait(false);
        await Wire.AnswerAsync(context, new RetryAnswer(written, await LeftAsync(behind, ask.Key, context.RequestAborted).ConfigureAwait(false)), Wire.Default.RetryAnswer).ConfigureAwait(false);
    });

    public Task DiscardAsync(HttpContext context) => asks.AnswerAsync(context, async (behind, body) =>
    {
        var ask = Wire.Read(context.Request, body, Wire.Default.DiscardAsk);
        var discarded = await behind.DiscardDeadLettersAsync(ask.Key, ask.Through, context.RequestAborted).ConfigureAwait(false);
        await Wire.AnswerAsync(context, new DiscardAnswer(discarded, await LeftAsync(behind, ask.Key, context.RequestAborted).ConfigureAwait(false)), Wire.Default.DiscardAnswer).ConfigureAwait(false);
    });

    private static async ValueTask<int> LeftAsync(IWriteBehind behind, string? key, CancellationToken cancellationToken)
    {
        var (left, after) = (0, 0L);
        while (true)
        {
            var page = await behind.DeadLettersAsync(after, BehindAsks.PageMax, cancellationToken).ConfigureAwait(false);
            left += page.Count(letter => key is null || letter.Record.Key == key);
            if (page.Count < BehindAsks.PageMax)
            {
                return left;
            }

            after = page[^1].Record.Position;
        }
    }

    private static DeadLetterLine Line(DeadLetter letter) => new(
        letter.Record.Position, letter.Record.Key, letter.Record.Kind.ToString(), letter.Record.Delta, letter.Record.Value.Length, letter.Record.WrittenAt, letter.Reason);
}
