using Microsoft.AspNetCore.Http;
using Millpond.AspNetCore.Access;

namespace Millpond.Debezium.AspNetCore;

/// <summary>One endpoint: reads a message within its limit, finds out who sent it, and answers when it has been applied.</summary>
internal sealed class DebeziumEndpoint(DebeziumInlet inlet, Doorkeeper door)
{
    // The most that an inlet's limit may be set to. What is past the limit is read, because the inlet says what becomes of it.
    private const long BytesMax = 256 * 1024 * 1024;

    public async Task ReceiveAsync(HttpContext context)
    {
        if (await door.AdmitAsync(context, inlet.MessageBytesMax, BytesMax).ConfigureAwait(false) is not { } body)
        {
            return;
        }

        try
        {
            await inlet.ReceiveAsync(body, default, context.RequestAborted).ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (MillpondException notNow) when (notNow.Code == ErrorCode.FeedNotFollowing)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "1";
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer any more; the message is sent again.
        }
    }
}
