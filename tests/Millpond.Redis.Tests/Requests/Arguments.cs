using System.Globalization;
using System.Text;
using Millpond.Redis.Requests;
using Millpond.Shared;

namespace Millpond.Redis.Tests.Requests;

public class Arguments
{
    private static readonly long CenturyMilliseconds = (long)TimeSpan.FromDays(36_500).TotalMilliseconds;

    private static long Number(ReadOnlyMemory<byte> argument) => long.Parse(Encoding.ASCII.GetString(argument.Span), CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(-1, 0, 0)]
    [InlineData(1, 0, 1)]
    [InlineData(9_999, 0, 1)]
    [InlineData(10_000, 1, 1)]
    [InlineData(10_001, 1, 2)]
    [InlineData(15_000_000, 1_500, 1_500)]
    public void Ages_are_counted_up_and_ends_down(long ticks, long down, long up)
    {
        Assert.Equal(down, Number(Argument.Down(new TimeSpan(ticks))));
        Assert.Equal(up, Number(Argument.Up(new TimeSpan(ticks))));
    }

    [Fact]
    public void No_time_is_ever_rounded_to_the_unsafe_side()
    {
        var random = new Random(5);
        for (var i = 0; i < 10_000; i++)
        {
            var time = new TimeSpan(random.NextInt64(TimeSpan.FromDays(1_000).Ticks));
            Assert.InRange(TimeSpan.FromMilliseconds(Number(Argument.Up(time))).Ticks - time.Ticks, 0, TimeSpan.TicksPerMillisecond - 1);
            Assert.InRange(time.Ticks - TimeSpan.FromMilliseconds(Number(Argument.Down(time))).Ticks, 0, TimeSpan.TicksPerMillisecond - 1);
        }
    }

    [Fact]
    public void Nothing_is_longer_than_a_century_so_that_sums_stay_in_six_bytes()
    {
        foreach (var time in (TimeSpan[])[TimeSpan.MaxValue, TimeSpan.FromDays(40_000), TimeSpan.MaxValue - new TimeSpan(1)])
        {
            Assert.Equal(CenturyMilliseconds, Number(Argument.Up(time)));
            Assert.Equal(CenturyMilliseconds, Number(Argument.Down(time)));
        }

        var farFuture = DateTimeOffset.Parse("2200-01-01", CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
        Assert.True(farFuture + (2 * CenturyMilliseconds) < 1L << 48);
        Assert.Equal(0, Number(Argument.Up(TimeSpan.MinValue)));
    }

    [Fact]
    public void A_record_travels_with_its_nonce_and_without_a_lease()
    {
        var record = new SharedRecord
        {
            Kind = RecordKind.Value, Payload = new byte[] { 1, 2, 3 }, TimeToLive = TimeSpan.FromMinutes(1), HardTimeToLive = TimeSpan.FromHours(1), Stamp = 9, Incarnation = new Incarnation(1, 2),
        };
        Assert.True(RecordFormat.TryDecode(Argument.Of(record, new Nonce(3, 4)).ToArray(), null, out var image));
        Assert.Equal((Nonce.None, new Nonce(3, 4), 9L), (image.Lease, image.Value!.FilledUnder, image.Value.Stamp));
        Assert.Equal([1, 2, 3], image.Value.Payload.ToArray());
    }
}
