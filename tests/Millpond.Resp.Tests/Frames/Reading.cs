using System.Text;

namespace Millpond.Resp.Tests.Frames;

public class Reading
{
    [Theory]
    [InlineData(":42\r\n", 42)]
    [InlineData("$2\r\n42\r\n", 42)]
    [InlineData("+-7\r\n", -7)]
    [InlineData("#t\r\n", 1)]
    public void A_number_is_a_number_however_it_was_sent(string frame, long number) => Assert.Equal(number, On(frame).GetInteger());

    [Theory]
    [InlineData(",1.5\r\n", 1.5)]
    [InlineData("$3\r\n1.5\r\n", 1.5)]
    [InlineData(",inf\r\n", double.PositiveInfinity)]
    [InlineData("$4\r\n-inf\r\n", double.NegativeInfinity)]
    [InlineData(":3\r\n", 3)]
    public void So_is_one_with_a_point(string frame, double number) => Assert.Equal(number, On(frame).GetDouble());

    [Theory]
    [InlineData("#t\r\n", true)]
    [InlineData("#f\r\n", false)]
    [InlineData(":1\r\n", true)]
    [InlineData("$1\r\n0\r\n", false)]
    public void So_is_a_truth(string frame, bool truth) => Assert.Equal(truth, On(frame).GetBoolean());

    [Theory]
    [InlineData("_\r\n")]
    [InlineData("$-1\r\n")]
    [InlineData("*-1\r\n")]
    public void Null_is_null_in_all_its_forms(string frame)
    {
        Assert.True(On(frame).IsNull);
        Assert.Null(On(frame).GetText());
        Assert.Equal(0, On(frame).GetCount());
    }

    [Fact]
    public void The_format_of_a_verbatim_text_is_no_part_of_it() => Assert.Equal("hello", On("=9\r\ntxt:hello\r\n").GetText());

    [Fact]
    public void What_is_no_number_is_an_unexpected_reply() =>
        Assert.Equal(RespErrorCode.UnexpectedReply, Assert.Throws<RespException>(() => On("+OK\r\n").GetInteger()).Code);

    [Fact]
    public void Children_are_stepped_over_with_theirs()
    {
        var reader = On("*2\r\n*2\r\n:1\r\n*1\r\n:2\r\n:3\r\n");
        reader.ReadNext();
        reader.SkipChildren();
        reader.ReadNext();
        Assert.Equal(3, reader.GetInteger());
    }

    [Fact]
    public void A_tree_finds_by_key_in_a_map_and_in_the_flat_array_of_the_older_protocol()
    {
        foreach (var frame in new[] { "%1\r\n+proto\r\n:3\r\n", "*2\r\n$5\r\nproto\r\n:3\r\n" })
        {
            var reader = On(frame);
            Assert.Equal(3, RespValue.Read(ref reader).Find("proto")!.Integer);
        }
    }

    private static RespReader On(string frame)
    {
        var reader = new RespReader(Encoding.Latin1.GetBytes(frame));
        reader.ReadNext();
        return reader;
    }
}
