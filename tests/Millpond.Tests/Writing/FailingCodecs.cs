using System.Buffers;
using Millpond.Events;
using Millpond.Serialization;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Writing;

public sealed class FailingCodecs
{
    [Fact]
    public void A_codec_that_throws_costs_the_shared_tier_its_value_and_no_reader_his() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var heard = new Heard();
        var codec = new Moody();
        var things = caches.Add(source, k => k.Codec(codec), heard: heard);

        codec.Fails = true;
        Assert.Equal("seven", await things.GetAsync(7));
        Assert.Equal(ErrorCode.ValueCodec, Assert.IsAssignableFrom<MillpondException>(heard.All<ValueNotStored>().Single().Failure).Code);
        codec.Fails = false;
        await things.GetAsync(7);

        var there = caches.Add(source, k => k.Codec(codec), heard: heard);
        codec.Fails = true;
        Assert.Equal("seven", await there.GetAsync(7));
        Assert.NotEmpty(heard.All<RecordUnreadable>());
        codec.Fails = false;
        Assert.Equal("seven", await caches.Add(source, k => k.Codec(codec)).GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_codec_that_throws_refuses_a_set() => Caches.Run(async caches =>
    {
        var codec = new Moody { Fails = true };
        var things = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.Codec(codec))).Keyspace<int, string>("thing");
        await Expect.Error(ErrorCode.ValueCodec, () => things.SetAsync(7, "seven"), "String", "cannot write");
        codec.Fails = false;
        await things.SetAsync(7, "seven");
        Assert.Equal("seven", await things.GetAsync(7));
    }, sharedBytes: 1 << 20);

    private sealed class Moody : IValueCodec<string>
    {
        public bool Fails { get; set; }

        public uint Id => CodecId.Of("moody", typeof(string));

        public void Encode(string value, IBufferWriter<byte> writer)
        {
            if (Fails)
            {
                throw new FormatException();
            }

            writer.Write(System.Text.Encoding.UTF8.GetBytes(value));
        }

        public string Decode(ReadOnlyMemory<byte> payload) => Fails ? throw new FormatException() : System.Text.Encoding.UTF8.GetString(payload.Span);
    }
}
