using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Millpond.Serialization;

/// <summary>
/// Values as JSON. The reader is strict whatever the options say: a bounded depth, no property twice, nothing after the value, and no
/// <c>null</c> in its place. Unknown properties are skipped, so that a rolling deployment that adds one does not empty the cache.
/// </summary>
/// <remarks>The id does not cover the options: give the keyspace another version when you change how properties are named.</remarks>
/// <typeparam name="T">The type of the values.</typeparam>
public sealed class JsonValueCodec<T> : IValueCodec<T>
{
    /// <summary>The <c>MaxDepth</c> where the options leave it open; also what System.Text.Json takes then.</summary>
    private const int DepthMax = 64;

    /// <summary>What a kept writer points at while nobody uses it, so that it does not hold on to somebody's buffer.</summary>
    private static readonly ArrayBufferWriter<byte> Nowhere = new(1);

    private readonly JsonTypeInfo<T> _typeInfo;
    private readonly JsonWriterOptions _writerOptions;
    private Utf8JsonWriter? _spareWriter;

    /// <summary>
    /// Uses reflection with the library's own options: fields count (a tuple has nothing else), NaN and the infinities are written by name,
    /// and only what JSON demands is escaped.
    /// </summary>
    public JsonValueCodec()
        : this(JsonDefaults.Options)
    {
    }

    /// <summary>Uses the given options, with strict reading.</summary>
    /// <param name="options">Copied; later changes have no effect.</param>
    public JsonValueCodec(JsonSerializerOptions options)
        : this(TypeOf(Strict(options)))
    {
    }

    /// <summary>Uses a source-generated context: <c>new JsonValueCodec&lt;Product&gt;(ShopJson.Default.Product)</c>.</summary>
    /// <param name="typeInfo">What the generator made for the type.</param>
    public JsonValueCodec(JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        _typeInfo = typeInfo.Options.AllowDuplicateProperties && typeInfo.OriginatingResolver is not null
            ? TypeOf(Strict(typeInfo.Options))
            : typeInfo;
        var options = _typeInfo.Options;
        _writerOptions = new JsonWriterOptions
        {
            Encoder = options.Encoder,
            MaxDepth = options.MaxDepth == 0 ? DepthMax : options.MaxDepth,
            SkipValidation = true, // The serializer only writes what is well formed, and skips the check by itself too.
        };
    }

    /// <inheritdoc/>
    public uint Id { get; } = CodecId.Of("json", typeof(T));

    /// <inheritdoc/>
    public void Encode(T value, IBufferWriter<byte> writer)
    {
        // One spare is enough: two encoders at once make a second writer, and one of the two is dropped.
        var json = Interlocked.Exchange(ref _spareWriter, null);
        if (json is null)
        {
            json = new Utf8JsonWriter(writer, _writerOptions);
        }
        else
        {
            json.Reset(writer);
        }

        try
        {
            JsonSerializer.Serialize(json, value, _typeInfo);
            json.Flush();
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw ValueCodecException.Unencodable(Name, typeof(T), e);
        }

        // Not kept after an exception: what is pending in it is of a failed value.
        json.Reset(Nowhere);
        Volatile.Write(ref _spareWriter, json);
    }

    /// <inheritdoc/>
    public T Decode(ReadOnlyMemory<byte> payload)
    {
        T? value;
        try
        {
            value = JsonSerializer.Deserialize(payload.Span, _typeInfo);
        }
        catch (JsonException e)
        {
            // The cause is left out: its message quotes characters, and its path the keys of dictionaries.
            throw Refuse(payload.Length, $"line {e.LineNumber ?? 0}, byte {e.BytePositionInLine ?? 0}", "not the JSON of this type");
        }
        catch (NotSupportedException e)
        {
            throw ValueCodecException.Undecodable(Name, typeof(T), payload.Length, "byte 0", "JSON cannot be read into this type", e);
        }

        return value ?? throw Refuse(payload.Length, "byte 0", "null in place of a value");
    }

    private static string Name => "JsonValueCodec";

    private static ValueCodecException Refuse(int length, string where, string why) =>
        ValueCodecException.Undecodable(Name, typeof(T), length, where, why);

    private static JsonSerializerOptions Strict(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.AllowDuplicateProperties ? new JsonSerializerOptions(options) { AllowDuplicateProperties = false } : options;
    }

    private static JsonTypeInfo<T> TypeOf(JsonSerializerOptions options)
    {
        if (!options.IsReadOnly)
        {
            options = new JsonSerializerOptions(options);
            options.MakeReadOnly(populateMissingResolver: true);
        }

        return (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
    }
}

/// <summary>The options where the application gives none. Apart, because a generic type would make them once for each argument.</summary>
internal static class JsonDefaults
{
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            AllowDuplicateProperties = false,
            IncludeFields = true,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,

            // Nothing here becomes part of a web page; escaping for one would make most languages three times as long.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
