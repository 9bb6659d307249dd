using System.Text;
using Millpond.Resp.Frames;

namespace Millpond.Resp.Tests.Frames;

public class Framing
{
    [Theory]
    [InlineData("$?\r\n;4\r\nabcd\r\n;0\r\n")]
    [InlineData("*?\r\n:1\r\n.\r\n")]
    [InlineData("%?\r\n+a\r\n:1\r\n.\r\n")]
    public void What_is_streamed_is_refused_by_name(string frame)
    {
        var refused = Assert.Throws<RespException>(() => default(FrameScanner).TryFinish(System.Text.Encoding.UTF8.GetBytes(frame), RespLimits.Default, out _));
        Assert.Equal(RespErrorCode.ProtocolViolation, refused.Code);
        Assert.Contains("streamed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_frame_is_found_whole_and_read_as_it_was_written()
    {
        var frames = new RandomFrames(seed: 1);
        for (var i = 0; i < 5_000; i++)
        {
            var (frame, tree) = frames.Next();
            Assert.Equal(frame, Assert.Single(Trees.Scan(frame, [])));
            Assert.Equal(tree, Trees.Read(frame));
        }
    }

    [Fact]
    public void A_frame_that_arrives_byte_by_byte_is_the_same_frame()
    {
        var frames = new RandomFrames(seed: 2);
        for (var i = 0; i < 2_000; i++)
        {
            var (frame, tree) = frames.Next();
            var found = Assert.Single(Trees.Scan(frame, Enumerable.Range(1, frame.Length)));
            Assert.Equal(tree, Trees.Read(found));
        }
    }

    [Fact]
    public void Frames_that_arrive_in_any_pieces_come_out_one_by_one_in_order()
    {
        var (frames, random) = (new RandomFrames(seed: 3), new Random(3));
        for (var i = 0; i < 1_000; i++)
        {
            var wanted = Enumerable.Range(0, random.Next(1, 6)).Select(_ => frames.Next().Frame).ToArray();
            var bytes = wanted.SelectMany(f => f).ToArray();
            Assert.Equal(wanted, Trees.Scan(bytes, Enumerable.Range(0, random.Next(8)).Select(_ => random.Next(bytes.Length))));
        }
    }

    [Fact]
    public void A_frame_cut_off_anywhere_is_never_taken_for_a_whole_one()
    {
        var frames = new RandomFrames(seed: 4);
        for (var i = 0; i < 500; i++)
        {
            var (frame, _) = frames.Next(depth: 2);
            for (var length = 0; length < frame.Length; length++)
            {
                Assert.Empty(Trees.Scan(frame[..length], []));
                AssertCutOff(frame[..length]);
            }
        }
    }

    [Theory]
    [InlineData("x\r\n")]
    [InlineData("$x\r\n")]
    [InlineData("$-2\r\n")]
    [InlineData("$?\r\n")]
    [InlineData("*99999999999999999999\r\n")]
    [InlineData("$3\r\nabcd\r\n")]
    [InlineData("+OK\n")]
    [InlineData("*1\r\n>1\r\n+a\r\n")]
    [InlineData("\r\n")]
    public void What_is_no_frame_is_refused(string bytes) =>
        Assert.Equal(RespErrorCode.ProtocolViolation, Assert.Throws<RespException>(() => Trees.Scan(Encoding.Latin1.GetBytes(bytes), [])).Code);

    [Theory]
    [InlineData("*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "DepthMax")]
    [InlineData("*20\r\n", "ElementsMax")]
    [InlineData("*9\r\n:1\r\n*9\r\n", "ElementsMax")]
    [InlineData("$2000\r\n", "FrameBytesMax")]
    [InlineData("+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "LineBytesMax")]
    public void A_frame_over_a_limit_is_refused_as_soon_as_that_is_known(string bytes, string limit)
    {
        var limits = new RespLimits { DepthMax = 3, ElementsMax = 16, FrameBytesMax = 1024, LineBytesMax = 64 };
        var padded = bytes + (limit == "ElementsMax" && bytes.Length > 10 ? string.Concat(Enumerable.Repeat(":1\r\n", 20)) : "");
        Assert.Contains(limit, Assert.Throws<RespException>(() => Trees.Scan(Encoding.Latin1.GetBytes(padded), [], limits)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_reply_in_small_pieces_is_not_searched_again_with_each()
    {
        // 100,000 elements in pieces of 100 bytes: if each piece began anew, this would look at 10,000 times the bytes.
        var bytes = Encoding.Latin1.GetBytes("*100000\r\n" + string.Concat(Enumerable.Repeat("$5\r\nhello\r\n", 100_000)));
        var scanner = default(FrameScanner);
        for (var end = 100; end < bytes.Length; end += 100)
        {
            // Spoilt behind the scanner's back: it must not look there again.
            Assert.False(scanner.TryFinish(bytes.AsSpan(0, end), RespLimits.Default, out _));
            bytes.AsSpan(0, Math.Max(0, end - 20)).Clear();
        }

        Assert.True(scanner.TryFinish(bytes, RespLimits.Default, out var length));
        Assert.Equal(bytes.Length, length);
    }

    private static void AssertCutOff(byte[] bytes)
    {
        try
        {
            Trees.Read(bytes);
        }
        catch (RespException refused)
        {
            Assert.Equal(RespErrorCode.ProtocolViolation, refused.Code);
            return;
        }

        Assert.Fail("The reader took a frame that is cut off for a whole one.");
    }
}
