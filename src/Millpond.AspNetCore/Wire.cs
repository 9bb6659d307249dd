using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Millpond.AspNetCore.Purging;

namespace Millpond.AspNetCore;

/// <summary>What the endpoints take and answer, as JSON. What is not understood is refused: a name that is spelled wrong would otherwise be done without a word.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    MaxDepth = 16)]
[JsonSerializable(typeof(PurgeAsk))]
[JsonSerializable(typeof(PurgeResult))]
[JsonSerializable(typeof(Refusal))]
internal sealed partial class Wire : JsonSerializerContext
{
    /// <summary>Answers with JSON that nobody keeps.</summary>
    public static async Task AnswerAsync<T>(HttpContext context, T answer, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
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
    public string? Code { get; init; }

    /// <summary>The texts that are no keys.</summary>
    public IReadOnlyList<string>? UnreadableKeys { get; init; }

    public static Refusal Of(MillpondException failure) => new(StatusOf(failure.Code), failure.Message)
    {
        Code = $"MP{(int)failure.Code}",
        UnreadableKeys = failure is PurgeException { UnreadableKeys: { Count: > 0 } keys } ? keys : null,
    };

    private static int StatusOf(ErrorCode code) => code switch
    {
        ErrorCode.UnknownKeyspace => StatusCodes.Status404NotFound,
        ErrorCode.Disposed => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status400BadRequest,
    };
}
