using Xunit;

using System.Buffers;
using System.Text;
using Millpond.Serialization;

namespace Millpond.Tests.Serialization;

public class BuiltInCodecs
{
    private static readonly CodecRegistry Registry = new();

    public sealed record Product(int Id, string Name, double Price, IReadOnlyList<string>? Tags = null);

    [Fact]
    public void Every_type_comes_back_as_it_went()
    {
        Same(0);
        Same(int.MinValue);
        Same(long.MaxValue);
        Same(double.NegativeInfinity);
        Same(true);
        Same(false);
        Same(Guid.Parse("c0ffee00-1234-5678-9abc-def012345678"));
        Same(new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.FromMinutes(-210)));
        Same(DateTimeOffset.MinValue);
        Same(DateTimeOffset.MaxValue);
        Same("");
        Same("größe \U0001F600 \0");
        Same(new byte[] { 0, 1, 255 });
        Same((1, "two", 3.5));
        Same(double.NaN);
        Same(new Product(1, "<b>größe</b>", double.PositiveInfinity));
        Assert.Equal(new byte[] { 7, 8 }, RoundTrip<ReadOnlyMemory<byte>>(new byte[] { 7, 8 }).ToArray());
    }

    [Fact]
    public void Bytes_strings_and_numbers_make_no_detour()
    {
        Assert.Equal([1, 2], Encode<byte[]>([1, 2]));
        Assert.Equal("ä"u8.ToArray(), Encode("ä"));
        Assert.Equal([1, 2, 0, 0], Encode(513));
        Assert.Equal("""{"Id":1,"Name":"<ä>","Price":2,"Tags":null}""", Encoding.UTF8.GetString(Encode(new Product(1, "<ä>", 2))));
    }

    [Fact]
    public void The_value_does_not_refer_to_the_payload()
    {
        byte[] payload = [1, 2, 3];
        var value = Registry.For<byte[]>().Decode(payload);
        var memory = Registry.For<ReadOnlyMemory<byte>>().Decode(payload);
        payload[0] = 9;

        Assert.Equal(1, value[0]);
        Assert.Equal(1, memory.Span[0]);
    }

    [Fact]
    public void Ids_are_the_same_in_every_process_and_differ_by_type_and_encoding()
    {
        // Literals: a change here makes every entry of every user absent.
        Assert.Equal(0xD8C816CCu, Registry.For<int>().Id);
        Assert.Equal(0x6193E143u, Registry.For<Dictionary<string, int[]>>().Id);
        Assert.NotEqual(Registry.For<Product>().Id, Registry.For<List<Product>>().Id);
        Assert.NotEqual(Registry.For<long>().Id, Registry.For<int>().Id);
        Assert.NotEqual(new JsonValueCodec<string>().Id, Registry.For<string>().Id);
        Assert.Equal(Registry.For<byte[]>().Id, Registry.For<ReadOnlyMemory<byte>>().Id);
        Assert.DoesNotContain("Version", CodecId.NameOf(typeof(Dictionary<string, List<Product>[]>)), StringComparison.Ordinal);
    }

    [Fact]
    public void Payloads_that_the_codec_would_not_have_written_are_refused()
    {
        Refused<int>([1, 2, 3], "payload of 3 bytes");
        Refused<int>([1, 2, 3, 4, 5], "payload of 5 bytes");
        Refused<bool>([2], "byte 0");
        Refused<Guid>([], "payload of 0 bytes");
        Refused<DateTimeOffset>([255, 255, 255, 255, 255, 255, 255, 255, 0, 0], "byte 0");
        Refused<DateTimeOffset>([0, 0, 0, 0, 0, 0, 0, 0, 60, 0], "byte 0");
        Refused<DateTimeOffset>([0, 0, 0, 0, 0, 0, 0, 1, 255, 127], "byte 0");
        Refused<string>([65, 66, 0xC3, 0x28], "byte 2");
        Refused<string>([0xED, 0xA0, 0x80], "byte 0");
    }

    [Fact]
    public void A_string_that_is_not_unicode_is_refused_on_the_way_out()
    {
        var error = Assert.Throws<ValueCodecException>(() => Encode("a\uD800"));

        Assert.Equal(ErrorCode.ValueCodec, error.Code);
    }

    private static void Refused<T>(byte[] payload, string saying)
    {
        var error = Assert.Throws<ValueCodecException>(() => Registry.For<T>().Decode(payload));

        Assert.Equal(ErrorCode.ValueCodec, error.Code);
        Assert.Contains(saying, error.Message, StringComparison.Ordinal);
    }

    private static void Same<T>(T value) => Assert.Equal(value, RoundTrip(value));

    private static T RoundTrip<T>(T value) => Registry.For<T>().Decode(Encode(value));

    private static byte[] Encode<T>(T value)
    {
        var writer = new ArrayBufferWriter<byte>();
        Registry.For<T>().Encode(value, writer);
        return writer.WrittenSpan.ToArray();
    }
}
