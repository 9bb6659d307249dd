using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Millpond.AspNetCore.Access;

namespace Millpond.AspNetCore.Operating;

/// <summary>What is asked of a keyspace or of counters that write behind: who may, which one, and what is said when it cannot be done.</summary>
internal sealed class BehindAsks(ICache cache, Doorkeeper door)
{
    /// <summary>How many of anything one answer has at most.</summary>
    public const int PageMax = 1_000;

    private const int PageDefault = 100;

    // A key and a number.
    private const int BodyBytesMax = 256 * 1024;

    /// <summary>Admits, finds the write-behind that is named, and says what went wrong in one shape.</summary>
    public async Task AnswerAsync(HttpContext context, Func<IWriteBehind, ReadOnlyMemory<byte>, Task> answer)
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

    public static int PageSize(HttpContext context) => (int)(Number(context, "max", 1, PageMax) ?? PageDefault);

    public static long? Number(HttpContext context, string name, long min, long max) => context.Request.Query[name].ToString() switch
    {
        "" => null,
        var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max => number,
        _ => throw new RequestException($"'{name}' is a number from {min} to {max}."),
    };
}
