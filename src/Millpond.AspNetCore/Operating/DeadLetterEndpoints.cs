using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Millpond.AspNetCore.Access;
using Millpond.Journals;

namespace Millpond.AspNetCore.Operating;

/// <summary>What people do with what the source of a keyspace that writes behind refused. Values stay where they are.</summary>
internal sealed class DeadLetterEndpoints(ICache cache, Doorkeeper door)
{
    private const int PageMax = 1_000;
    private const int PageDefault = 100;

    // A key and a number.
    private const int BodyBytesMax = 256 * 1024;

    public Task ListAsync(HttpContext context) => AnswerAsync(context, async (behind, _) =>
    {
        var after = Number(context, "after", 0, long.MaxValue) ?? 0;
        var max = (int)(Number(context, "max", 1, PageMax) ?? PageDefault);
        DeadLetter[] rest = [.. (await AllAsync(behind, context.RequestAborted).ConfigureAwait(false)).Where(letter => letter.Record.Position > after)];
        DeadLetterLine[] page = [.. rest.Take(max).Select(Line)];
        await Wire.AnswerAsync(context, new DeadLettersAnswer(page, rest.Length > page.Length ? page[^1].Position : null), Wire.Default.DeadLettersAnswer).ConfigureAwait(false);
    });

    public Task RetryAsync(HttpContext context) => AnswerAsync(context, async (behind, body) =>
    {
        var ask = Wire.Read(context.Request, body, Wire.Default.RetryAsk);
        if (ask.All == ask.Key is not null)
        {
            throw new RequestException("Name a key, or say 'all'; one of them.");
        }

        var written = await behind.RetryDeadLettersAsync(ask.Key, context.RequestAborted).ConfigureAwait(false);
        await Wire.AnswerAsync(context, new RetryAnswer(written, await LeftAsync(behind, ask.Key, context.RequestAborted).ConfigureAwait(false)), Wire.Default.RetryAnswer).ConfigureAwait(false);
    });

    public Task DiscardAsync(HttpContext context) => AnswerAsync(context, async (behind, body) =>
    {
        var ask = Wire.Read(context.Request, body, Wire.Default.DiscardAsk);
        var discarded = await behind.DiscardDeadLettersAsync(ask.Key, ask.Through, context.RequestAborted).ConfigureAwait(false);
        await Wire.AnswerAsync(context, new DiscardAnswer(discarded, await LeftAsync(behind, ask.Key, context.RequestAborted).ConfigureAwait(false)), Wire.Default.DiscardAnswer).ConfigureAwait(false);
    });

    /// <summary>Admits, finds the write-behind that is named, and says what went wrong in one shape.</summary>
    private async Task AnswerAsync(HttpContext context, Func<IWriteBehind, ReadOnlyMemory<byte>, Task> answer)
    {
        if (await door.AdmitAsync(context, BodyBytesMax, BodyBytesMax).ConfigureAwait(false) is not { } body)
        {
            return;
        }

        try
        {
            await answer(cache.WriteBehind((string)context.GetRouteValue("name")!), body).ConfigureAwait(false);
        }
        catch (RequestException unread)
        {
            await Wire.RefuseAsync(context, unread.ToRefusal()).ConfigureAwait(false);
        }
        catch (MillpondException refused)
        {
            await Wire.RefuseAsync(context, Refusal.Of(refused)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer any more. What was begun is done all the same.
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            // Whatever the source throws. What it may have taken all the same is in its ledger, and is applied once however often it is asked for.
            await Wire.RefuseAsync(context, new(StatusCodes.Status503ServiceUnavailable, $"The source failed. What it has not taken is still a dead letter; asking again is safe: {failure.Message}")).ConfigureAwait(false);
        }
    }

    private static ValueTask<IReadOnlyList<DeadLetter>> AllAsync(IWriteBehind behind, CancellationToken cancellationToken) => behind.DeadLettersAsync(int.MaxValue, cancellationToken);

    private static async ValueTask<int> LeftAsync(IWriteBehind behind, string? key, CancellationToken cancellationToken) =>
        (await AllAsync(behind, cancellationToken).ConfigureAwait(false)).Count(letter => key is null || letter.Record.Key == key);

    private static DeadLetterLine Line(DeadLetter letter) => new(
        letter.Record.Position, letter.Record.Key, letter.Record.Kind.ToString(), letter.Record.Delta, letter.Record.Value.Length, letter.Record.WrittenAt, letter.Reason);

    private static long? Number(HttpContext context, string name, long min, long max) => context.Request.Query[name].ToString() switch
    {
        "" => null,
        var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max => number,
        _ => throw new RequestException($"'{name}' is a number from {min} to {max}."),
    };
}
