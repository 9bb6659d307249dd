using Microsoft.AspNetCore.Http;
using Millpond.AspNetCore.Access;

namespace Millpond.AspNetCore.Purging;

/// <summary>One endpoint: reads a purge, has it made, and answers when the shared tier has been told.</summary>
internal sealed class PurgeEndpoint(ICache cache, Doorkeeper door)
{
    // Room for the most names that a purge may have, at a hundred bytes each.
    private const int BodyBytesMax = 1 << 20;

    private const string NotTold = "The shared tier cannot be told now. This process serves nothing from before the purge any more, and tells the shared tier as soon as it answers. Until then other processes may serve the old value, at most for its time to live, "
        + "and they do so too if this process ends before. Send the purge again, here or to another process, until it is answered with 200; that costs misses and nothing else.";

    public async Task PurgeAsync(HttpContext context)
    {
        if (await door.AdmitAsync(context, BodyBytesMax, BodyBytesMax).ConfigureAwait(false) is not { } body)
        {
            return;
        }

        try
        {
            var ask = Wire.Read(context.Request, body, Wire.Default.PurgeAsk);
            var result = await cache.PurgeAsync(ask.ToPurge(), context.RequestAborted).ConfigureAwait(false);
            await (result.IsTold
                ? Wire.AnswerAsync(context, result, Wire.Default.PurgeResult)
                : Wire.RefuseAsync(context, new(StatusCodes.Status503ServiceUnavailable, NotTold) { Code = $"MP{(int)ErrorCode.SharedTierUnavailable}" })).ConfigureAwait(false);
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
    }
}
