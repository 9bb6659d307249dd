using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Millpond.Serialization;
using Xunit;

namespace Millpond.Tests.Serialization;

public sealed record Shelf(int Id, string Label, Dictionary<string, int>? Counts = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Shelf))]
internal sealed partial class ShelfJson : JsonSerializerContext;

public class Json
{
    private sealed class Ring
    {
        public Ring? Next { get; set; }
    }

    [Fact]
    public void A_source_generated_context_and_options_are_used()
    {
        var generated = new JsonValueCodec<Shelf>(ShelfJson.Default.Shelf);
        var withContext = new JsonValueCodec<Shelf>(new JsonSerializerOptions { TypeInfoResolver = ShelfJson.Default, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseUpper });
        var withOptions = new JsonValueCodec<Shelf>(new JsonSerializerOptions(JsonSerializerDefaults.Web));

        Assert.Equal("""{"id":1,"label":"x","counts":null}""", Written(generated, new Shelf(1, "x")));
        Assert.Equal("""{"ID":1,"LABEL":"x","COUNTS":null}""", Written(withContext, new Shelf(1, "x")));
        Assert.Equal("""{"id":1,"label":"x","counts":null}""", Written(withOptions, new Shelf(1, "x")));
        Assert.Equal(new Shelf(2, "y"), generated.Decode("""{"id":2,"label":"y"}"""u8.ToArray()));
    }

    [Theory]
    [InlineData("""{"id":1,"id":2,"label":"x"}""")]
    [InlineData("""{"id":1,"label":"x"} {}""")]
    [InlineData("""{"id":1,"label":"x"}x""")]
    [InlineData("""{"id":1,"label":"x",}""")]
    [InlineData("""{"id":1,"label":"x" /* hidden */}""")]
    [InlineData("""{"id":1,"label":"x" """)]
    [InlineData("""{"id":"1","label":5}""")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("\u0000")]
    public void Json_that_it_would_not_have_written_is_refused(string json)
    {
        var payload = Encoding.UTF8.GetBytes(json);

        Assert.Throws<ValueCodecException>(() => new JsonValueCodec<Shelf>(ShelfJson.Default.Shelf).Decode(payload));
        Assert.Throws<ValueCodecException>(() => new JsonValueCodec<Shelf>(new JsonSerializerOptions(JsonSerializerOptions.Default) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase }).Decode(payload));
    }

    [Fact]
    public void A_property_that_another_version_added_is_skipped() =>
        Assert.Equal(new Shelf(1, "x"), new JsonValueCodec<Shelf>().Decode("""{"Id":1,"New":[{}],"Label":"x"}"""u8.ToArray()));

    [Fact]
    public void Depth_is_bounded_both_ways()
    {
        var deep = Encoding.UTF8.GetBytes(new string('[', 100_000));
        var nested = "0";
        for (var i = 0; i < 70; i++)
        {
            nested = $"[{nested}]";
        }

        Assert.Throws<ValueCodecException>(() => new JsonValueCodec<JsonElement>().Decode(deep));
        Assert.Throws<ValueCodecException>(() => new JsonValueCodec<JsonElement>().Decode(Encoding.UTF8.GetBytes(nested)));
        var ring = new Ring();
        ring.Next = ring;
        Assert.Equal(ErrorCode.ValueCodec, Assert.Throws<ValueCodecException>(() => Written(new JsonValueCodec<Ring>(), ring)).Code);
    }

    [Fact]
    public void The_error_names_type_codec_length_and_position_but_no_content()
    {
        var error = Assert.Throws<ValueCodecException>(() =>
            new JsonValueCodec<Shelf>().Decode("""{"Id":1,"Label":"secret","Counts":{"secret":"secret"}}"""u8.ToArray()));

        Assert.StartsWith("MP1202: JsonValueCodec cannot read a Millpond.Tests.Serialization.Shelf from a payload of 54 bytes (line 0, byte 52)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_codec_works_on_after_a_value_it_could_not_write_and_from_many_threads()
    {
        var codec = new JsonValueCodec<Shelf>();
        using (var small = new PooledBuffer(10))
        {
            Assert.Throws<MillpondException>(() => codec.Encode(new Shelf(1, new string('x', 100)), small));
        }

        Parallel.For(0, 1000, i => Assert.Equal($$"""{"Id":{{i}},"Label":"x{{i}}","Counts":null}""", Written(codec, new Shelf(i, $"x{i}"))));
    }

    [Fact]
    public void A_codec_does_not_hold_on_to_the_buffer_it_wrote_to()
    {
        var codec = new JsonValueCodec<Shelf>();
        var buffer = Use(codec);
        GC.Collect();
        GC.WaitForPendingFinalizers();

        Assert.False(buffer.IsAlive);
        GC.KeepAlive(codec);
    }

    [Fact]
    public void Encoding_allocates_only_the_buffer_that_carries_the_payload()
    {
        var codec = new KeyspaceCodec<Shelf>("shelf", new JsonValueCodec<Shelf>(), 1 << 20);
        var shelf = new Shelf(1, new string('x', 500));
        var least = long.MaxValue;
        for (var i = 0; i < 50; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            codec.Encode(shelf).Dispose();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.InRange(least, 0, 200);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Use(JsonValueCodec<Shelf> codec)
    {
        var writer = new ArrayBufferWriter<byte>();
        codec.Encode(new Shelf(1, "x"), writer);
        return new WeakReference(writer);
    }

    private static string Written<T>(JsonValueCodec<T> codec, T value)
    {
        var writer = new ArrayBufferWriter<byte>();
        codec.Encode(value, writer);
        return Encoding.UTF8.GetString(writer.WrittenSpan);
    }
}
