using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Millpond.AspNetCore.Operating;
using Millpond.AspNetCore.Purging;

namespace Millpond.AspNetCore;

/// <summary>What the endpoints take and answer, as JSON. Of an answer what is not known is passed over, since it may be a newer program's; of what is asked nothing is.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    UseStringEnumConverter = true,
    MaxDepth = 16)]
[JsonSerializable(typeof(PurgeAsk))]
[JsonSerializable(typeof(PurgeResult))]
[JsonSerializable(typeof(Refusal))]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(DeadLettersAnswer))]
[JsonSerializable(typeof(RetryAsk))]
[JsonSerializable(typeof(RetryAnswer))]
[JsonSerializable(typeof(DiscardAsk))]
[JsonSerializable(typeof(DiscardAnswer))]
[JsonSerializable(typeof(TrailAnswer))]
internal sealed partial class Wire : JsonSerializerContext
{
    /// <summary>Reads what is asked.</summary>
    /// <exception cref="RequestException">It cannot be read.</exception>
    public static T Read<T>(HttpRequest request, ReadOnlyMemory<byte> body, JsonTypeInfo<T> type)
    {
        if (!request.HasJsonContentType())
        {
            // Also because a page of another site can make a browser send anything but this without asking first.
            throw new RequestException("What is asked is sent as application/json.", StatusCodes.Status415UnsupportedMediaType);
        }

        try
        {
            return JsonSerializer.Deserialize(body.Span, type) ?? throw new JsonException("it is null.");
        }
        catch (JsonException unread)
        {
            throw new RequestException($"What is asked cannot be read as JSON with the members {string.Join(", ", type.Properties.Select(one => $"'{one.Name}'"))}: {unread.Message}");
        }
    }

    /// <summary>Answers with JSON that nobody keeps.</summary>
    public static async Task AnswerAsync<T>(HttpContext context, T answer, JsonTypeInfo<T> type)
    {
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(answer, type, answer is Refusal ? "application/problem+json" : "application/json", context.RequestAborted).ConfigureAwait(false);
    }

    public static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        context.Response.StatusCode = refusal.Status;
        if (refusal.Status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        return AnswerAsync(context, refusal, Default.Refusal);
    }
}

/// <summary>Why a request was not done, in the shape of RFC 9457.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What is wrong, and what to do.</param>
internal sealed record Refusal(int Status, string Detail)
{
    /// <summary>The code of Millpond's error, if it is one: <c>MP1105</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Code { get; init; }

    /// <summary>The texts that are no keys.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? UnreadableKeys { get; init; }

    public static Refusal Of(MillpondException failure) => new(StatusOf(failure.Code), failure.Message)
    {
        Code = $"MP{(int)failure.Code}",
        UnreadableKeys = failure is PurgeException { UnreadableKeys: { Count: > 0 } keys } ? keys : null,
    };

    private static int StatusOf(ErrorCode code) => code switch
    {
        ErrorCode.UnknownKeyspace or ErrorCode.JournalWithoutTrail => StatusCodes.Status404NotFound,
        ErrorCode.JournalLeadLost => StatusCodes.Status409Conflict,
        ErrorCode.Disposed or ErrorCode.JournalRefused or ErrorCode.JournalOutcomeUnknown or ErrorCode.JournalUnfit => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status400BadRequest,
    };
}
