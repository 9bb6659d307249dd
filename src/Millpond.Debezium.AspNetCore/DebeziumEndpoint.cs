using System.Buffers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Millpond.Debezium.AspNetCore;

/// <summary>One endpoint: reads a message within its limit, finds out who sent it, and answers when it has been applied.</summary>
internal sealed class DebeziumEndpoint(DebeziumInlet inlet, WebhookSecret? secret)
{
    private const int ChunkBytes = 64 * 1024;

    // The most that an inlet's limit may be set to.
    private const long BytesMax = 256 * 1024 * 1024;

    public async Task ReceiveAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            // The inlet has a limit of its own, and says what becomes of what is larger.
            limit.MaxRequestBodySize = null;
        }

        using var signed = secret?.Begin(context.Request);
        if (await ReadAsync(context.Request, signed, context.RequestAborted).ConfigureAwait(false) is not { } body)
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }

        if (secret is not null && !secret.IsKnownTo(context.Request, signed!))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
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

    /// <summary>To its end, because it is signed whole; past the inlet's limit only as much is kept as the inlet needs to refuse it. Null if it does not end where any limit could be.</summary>
    private async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, IncrementalHash? signed, CancellationToken stop)
    {
        var body = new ArrayBufferWriter<byte>(ChunkBytes);
        var bytes = 0L;
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            while (bytes <= BytesMax)
            {
                var read = await request.Body.ReadAsync(chunk, stop).ConfigureAwait(false);
                if (read == 0)
                {
                    return body.WrittenMemory;
                }

                bytes += read;
                signed?.AppendData(chunk, 0, read);
                if (body.WrittenCount <= inlet.MessageBytesMax)
                {
                    body.Write(chunk.AsSpan(0, read));
                }
            }

            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
}
