using System.Text.Json;
using System.Text.Json.Serialization;
using Millpond.AspNetCore;
using Millpond.AspNetCore.Operating;
using Millpond.AspNetCore.Purging;

namespace Millpond.Server.Calling;

/// <summary>What running programs are asked and answer. What a newer one says beyond that is passed over.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PurgeAsk))]
[JsonSerializable(typeof(PurgeResult))]
[JsonSerializable(typeof(Refusal))]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(DeadLettersAnswer))]
[JsonSerializable(typeof(RetryAsk))]
[JsonSerializable(typeof(RetryAnswer))]
[JsonSerializable(typeof(DiscardAsk))]
[JsonSerializable(typeof(DiscardAnswer))]
internal sealed partial class Answers : JsonSerializerContext;
