using Millpond.Redis.Layout;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis.Live.Tests.Live.Watched;

/// <summary>Scripts and watched transactions decide alike and leave the same bytes behind.</summary>
public sealed class Sameness(TwoWays engines) : IClassFixture<TwoWays>
{
    private const int Steps = 500;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_steps_are_answered_alike_and_leave_the_same_behind(int seed)
    {
        var scripted = new RandomSteps(engines.Scripted, $"test:scripted{seed}", seed);
        var watched = new RandomSteps(engines.Watched, $"test:watched{seed}", seed);
        for (var step = 0; step < Steps; step++)
        {
            var (one, other) = (await scripted.NextAsync(), await watched.NextAsync());
            Assert.True(one == other, $"seed {seed}, step {step}: scripts answered {one}, transactions {other}");
            if (step % 10 == 9)
            {
                await SameAsync(scripted.Keys, watched.Keys, $"seed {seed}, step {step}");
            }
        }
    }

    private async Task SameAsync(PartitionKeys scripted, PartitionKeys watched, string when)
    {
        Assert.Equal(await ListAsync("LRANGE", scripted.Log, 0, -1), await ListAsync("LRANGE", watched.Log, 0, -1));
        Assert.Equal(await ListAsync("ZRANGE", scripted.Floors, 0, -1, "WITHSCORES"), await ListAsync("ZRANGE", watched.Floors, 0, -1, "WITHSCORES"));
        Image[] ones = [await ImageAsync(scripted.Control), .. await Task.WhenAll(RandomSteps.Texts.Select(text => ImageAsync(scripted.RecordOf(text))))];
        Image[] others = [await ImageAsync(watched.Control), .. await Task.WhenAll(RandomSteps.Texts.Select(text => ImageAsync(watched.RecordOf(text))))];
        Range[] drawn = ones[0].Bytes.Length == 0 ? [] : [9..25];
        Assert.Equal(Masked(ones[0].Bytes, drawn), Masked(others[0].Bytes, drawn));
        for (var i = 0; i < ones.Length; i++)
        {
            Assert.True(Math.Abs(ones[i].Left - others[i].Left) < 5_000, $"{when}: one is kept {ones[i].Left} ms, the other {others[i].Left} ms");
        }

        for (var i = 1; i < ones.Length; i++)
        {
            SameRecord(ones[i].Bytes, others[i].Bytes, $"{when}, key {RandomSteps.Texts[i - 1]}");
        }
    }

    // Apart from incarnations, which are drawn, and times, which differ by what lies between two steps.
    private static void SameRecord(byte[] one, byte[] other, string when)
    {
        if (!RecordHead.TryRead(one, out var head) || !RecordHead.TryRead(other, out var otherHead))
        {
            Assert.True(one.Length == 0 && other.Length == 0, $"{when}: {one.Length} bytes and {other.Length}");
            return;
        }

        long[] times = [head.LeasedAt, head.LeaseUntil, head.LoadBegan, head.HardUntil, head.ValueUntil, head.InvalidatedAt];
        long[] otherTimes = [otherHead.LeasedAt, otherHead.LeaseUntil, otherHead.LoadBegan, otherHead.HardUntil, otherHead.ValueUntil, otherHead.InvalidatedAt];
        Assert.True(times.Zip(otherTimes).All(two => Math.Abs(two.First - two.Second) < 5_000), $"{when}: {head} and {otherHead}");
        Assert.Equal((head.IsAwaited, head.Sliding), (otherHead.IsAwaited, otherHead.Sliding));
        const int guard = RecordHead.Length;
        Range[] drawn = one.Length > guard + RecordFormat.StampOffset ? [2..44, (guard + 2)..(guard + 18), (guard + 42)..(guard + 58)] : [2..44, (guard + 2)..(guard + 18)];
        Assert.Equal(Masked(one, drawn), Masked(other, drawn));
    }

    private static string Masked(byte[] bytes, Range[] ranges)
    {
        var copy = bytes.ToArray();
        foreach (var range in ranges)
        {
            // Zeros say that there is none, and must be so on both sides.
            var part = copy.AsSpan(range);
            part.Fill(part.ContainsAnyExcept((byte)0) ? (byte)1 : (byte)0);
        }

        return Convert.ToHexString(copy);
    }

    private async Task<string[]> ListAsync(string command, params RespArgument[] arguments) =>
        [.. (await engines.Scripted.Client.ExecuteAsync(command, arguments)).Items.SelectMany(item => item.Items.Count > 0 ? item.Items : [item]).Select(item => Convert.ToHexString(item.Bytes.Span))];

    private async Task<Image> ImageAsync(byte[] key) =>
        new((await engines.Scripted.Client.ExecuteAsync("GET", key)).Bytes.ToArray(), (await engines.Scripted.Client.ExecuteAsync("PTTL", key)).Integer);

    private sealed record Image(byte[] Bytes, long Left);
}
