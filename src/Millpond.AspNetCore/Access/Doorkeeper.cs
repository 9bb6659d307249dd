using System.Buffers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Millpond.AspNetCore.Access;

/// <summary>Finds out who sent a request, and reads it within its limits. Without a secret the application's authorization has done the first before a request comes here.</summary>
internal sealed class Doorkeeper(EndpointSecret? secret, DoorSign signs)
{
    private const int ChunkBytes = 64 * 1024;

    /// <summary>The body of a request whose sender is known. Null if it is answered already: 401, or 413 if it does not end where it must.</summary>
    /// <param name="context">The request.</param>
    /// <param name="keptBytesMax">How much of a body is kept; what is longer is kept only as far as it shows that.</param>
    /// <param name="readBytesMax">How much is read, because a signature is over the whole.</param>
    public async Task<ReadOnlyMemory<byte>?> AdmitAsync(HttpContext context, long keptBytesMax, long readBytesMax)
    {
        var isBorne = secret?.IsBorneBy(context.Request);
        if (isBorne == false || (secret is not null && isBorne is null && (signs == DoorSign.Bearer || !EndpointSecret.SaysSigned(context.Request))))
        {
            // Before anything is read of it.
            return Refuse(context, StatusCodes.Status401Unauthorized);
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            // The endpoint has limits of its own.
            limit.MaxRequestBodySize = null;
        }

        using var signed = secret is not null && isBorne is null ? secret.BeginSigned(context.Request) : null;
        if (await ReadAsync(context.Request, signed, (keptBytesMax, readBytesMax), context.RequestAborted).ConfigureAwait(false) is not { } body)
        {
            return Refuse(context, StatusCodes.Status413PayloadTooLarge);
        }

        return signed is null || EndpointSecret.IsSigned(context.Request, signed) ? body : Refuse(context, StatusCodes.Status401Unauthorized);
    }

    private static ReadOnlyMemory<byte>? Refuse(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        if (status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return null;
    }

    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, IncrementalHash? signed, (long Kept, long Read) max, CancellationToken stop)
    {
        var body = new ArrayBufferWriter<byte>(ChunkBytes);
        var bytes = 0L;
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            while (bytes <= max.Read)
            {
                var read = await request.Body.ReadAsync(chunk, stop).ConfigureAwait(false);
                if (read == 0)
                {
                    return body.WrittenMemory;
                }

                bytes += read;
                signed?.AppendData(chunk, 0, read);
                if (body.WrittenCount <= max.Kept)
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

/// <summary>By what callers are known who have the secret.</summary>
internal enum DoorSign
{
    /// <summary>They send it.</summary>
    Bearer,

    /// <summary>They send it, or sign with it.</summary>
    BearerOrSignature,
}
