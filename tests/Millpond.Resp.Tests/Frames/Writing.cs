using System.Buffers;
using System.Text;

namespace Millpond.Resp.Tests.Frames;

public class Writing
{
    [Fact]
    public void A_command_is_an_array_of_its_arguments()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new RespWriter(output);
        writer.Command("SET"u8, 4);
        writer.Argument("ключ");
        writer.Argument(new byte[] { 13, 10, 0 });
        writer.Argument("PX"u8);
        writer.Argument(-1234567890123L);
        writer.Complete();
        Assert.Equal(
            "*5\r\n$3\r\nSET\r\n$8\r\nключ\r\n$3\r\n\r\n\0\r\n$2\r\nPX\r\n$14\r\n-1234567890123\r\n", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void What_is_written_is_what_a_server_reads_whatever_its_size()
    {
        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            var arguments = Enumerable.Range(0, random.Next(5)).Select(_ => new byte[random.Next(2) == 0 ? random.Next(20) : random.Next(20_000)]).ToArray();
            Array.ForEach(arguments, random.NextBytes);
            var output = new ArrayBufferWriter<byte>(random.Next(1, 64));
            var writer = new RespWriter(output);
            writer.Command("X"u8, arguments.Length);
            foreach (var argument in arguments)
            {
                writer.Argument(argument);
            }

            writer.Complete();
            var reader = new RespReader(output.WrittenSpan);
            reader.ReadNext();
            var read = RespValue.Read(ref reader);
            Assert.Equal(arguments, read.Items.Skip(1).Select(a => a.Bytes.ToArray()));
        }
    }

    [Fact]
    public void Fewer_arguments_than_announced_are_refused() => AssertMalformed(1, 0);

    [Fact]
    public void More_arguments_than_announced_are_refused() => AssertMalformed(1, 2);

    private static void AssertMalformed(int announced, int written) => Assert.Equal(RespErrorCode.MalformedCommand, Assert.Throws<RespException>(() =>
    {
        var writer = new RespWriter(new ArrayBufferWriter<byte>());
        writer.Command("X"u8, announced);
        for (var i = 0; i < written; i++)
        {
            writer.Argument("a");
        }

        writer.Complete();
    }).Code);
}
